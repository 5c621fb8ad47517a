// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IAgentVerifier} from "../../src/interfaces/IErc8274.sol";

/// @notice Test only: an agent verifier with one selector, whose proofs are hashes of what they prove. Anybody can make
///         one, so it shows what the mesh asks and what it does with the answer, and nothing about proofs.
contract TestVerifier is IAgentVerifier {
    bytes4 public immutable selector;

    error UnknownSelector(bytes4 selector);

    constructor(bytes4 selector_) {
        selector = selector_;
    }

    /// @inheritdoc IAgentVerifier
    function verify(bytes32 taskId, bytes32 agentId, bytes32 inputHash, bytes32 outputHash, bytes calldata proof)
        external
        returns (bool valid, bytes32 verificationDigest)
    {
        require(bytes4(proof[:4]) == selector, UnknownSelector(bytes4(proof[:4])));
        valid = keccak256(proof[4:]) == keccak256(proofOf(taskId, agentId, inputHash, outputHash));
        bytes memory instanceId = abi.encodePacked(address(this));
        bytes memory chainId = bytes(string.concat("eip155:", Strings.toString(block.chainid)));
        verificationDigest = keccak256(
            abi.encode(
                taskId, agentId, inputHash, outputHash, valid, bytes32(0), block.timestamp, instanceId, chainId
            )
        );
        emit VerificationCompleted(
            taskId,
            agentId,
            verificationDigest,
            valid,
            inputHash,
            outputHash,
            bytes32(0),
            block.timestamp,
            instanceId,
            chainId
        );
    }

    /// @notice The one proof of a statement.
    function proofOf(bytes32 taskId, bytes32 agentId, bytes32 inputHash, bytes32 outputHash)
        public
        pure
        returns (bytes memory)
    {
        return abi.encode(keccak256(abi.encode(taskId, agentId, inputHash, outputHash)));
    }
}
