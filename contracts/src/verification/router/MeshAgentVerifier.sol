// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IAgentVerifier} from "../../interfaces/IErc8274.sol";
import {IMeshAgentVerifier} from "../../interfaces/IMeshAgentVerifier.sol";
import {IVerifierRouter} from "../../interfaces/IVerifierRouter.sol";
import {TaskInput} from "../../libraries/TaskInput.sol";

/// @title MeshAgentVerifier
/// @notice Binds proofs to tasks and agents, lets each task be proven once, and records every judgement. No owner.
contract MeshAgentVerifier is IMeshAgentVerifier, ERC165 {
    uint256 private constant SELECTOR_BYTES = 4;

    /// @inheritdoc IMeshAgentVerifier
    IVerifierRouter public immutable router;

    mapping(address caller => mapping(bytes32 taskId => bool)) private _used;

    constructor(IVerifierRouter router_) {
        router = router_;
    }

    /// @inheritdoc IMeshAgentVerifier
    function verify(bytes32 taskId, bytes32 agentId, bytes32 inputHash, bytes32 outputHash, bytes calldata proof)
        external
        returns (bool valid, bytes32 verificationDigest)
    {
        require(!_used[msg.sender][taskId], TaskUsed(msg.sender, taskId));
        require(proof.length >= SELECTOR_BYTES, NoSelector());
        bytes32 taskInput = TaskInput.bind(taskId, agentId, inputHash);
        bytes32 profile;
        // The router's function is a view, so nothing behind it can write or re-enter here.
        (valid, profile) = router.verify(bytes4(proof), taskInput, outputHash, proof[SELECTOR_BYTES:]);
        if (valid) _used[msg.sender][taskId] = true;
        verificationDigest = _record(taskId, agentId, inputHash, outputHash, valid, profile);
    }

    /// @inheritdoc IMeshAgentVerifier
    function agentProofProfileOf(bytes4 selector) external view returns (bytes32) {
        return router.entryOf(selector).agentProofProfile;
    }

    /// @inheritdoc IMeshAgentVerifier
    function isTaskUsed(address caller, bytes32 taskId) external view returns (bool) {
        return _used[caller][taskId];
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IAgentVerifier).interfaceId || super.supportsInterface(interfaceId);
    }

    function _record(
        bytes32 taskId,
        bytes32 agentId,
        bytes32 inputHash,
        bytes32 outputHash,
        bool valid,
        bytes32 profile
    ) private returns (bytes32 digest) {
        bytes memory instanceId = abi.encodePacked(address(this));
        bytes memory chainId = bytes(string.concat("eip155:", Strings.toString(block.chainid)));
        digest = keccak256(
            abi.encode(
                taskId, agentId, inputHash, outputHash, valid, profile, block.timestamp, instanceId, chainId
            )
        );
        emit VerificationCompleted(
            taskId, agentId, digest, valid, inputHash, outputHash, profile, block.timestamp, instanceId, chainId
        );
    }
}
