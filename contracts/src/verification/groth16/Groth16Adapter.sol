// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IProofVerifier} from "../../interfaces/IErc8274.sol";
import {IGroth16Adapter} from "../../interfaces/IGroth16Adapter.sol";
import {IGroth16Verifier} from "../../interfaces/IGroth16Verifier.sol";

/// @title Groth16Adapter
/// @notice Turns a task-bound claim into the public signals of a circuit and asks the verifier.
contract Groth16Adapter is IGroth16Adapter, ERC165 {
    /// @inheritdoc IGroth16Adapter
    IGroth16Verifier public immutable verifier;

    struct Claim {
        bytes32 taskId;
        bytes32 agentId;
        bytes32 modelId;
        bytes32 requestInputHash;
        bytes32 policy;
        uint256[8] proof;
        uint256[] results;
        uint256[] request;
    }

    /// @param verifier_ has the keys of all models
    constructor(IGroth16Verifier verifier_) {
        verifier = verifier_;
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes32 inputHash, bytes32 outputHash, bytes calldata, bytes calldata proof)
        external
        view
        returns (bool)
    {
        Claim memory claim = _decode(proof);
        bool bound = inputHash == _boundInput(claim) && outputHash == keccak256(abi.encode(claim.results))
            && claim.requestInputHash == keccak256(abi.encode(claim.request));
        return bound && verifier.verify(claim.modelId, claim.proof, _signalsOf(claim));
    }

    /// @inheritdoc IProofVerifier
    function proofSystem() public pure returns (string memory) {
        return "zk/groth16-bn254";
    }

    /// @inheritdoc IProofVerifier
    function proofProfile() external view returns (bytes32) {
        return keccak256(abi.encode(proofSystem(), bytes32(uint256(uint160(address(verifier))))));
    }

    /// @inheritdoc ERC165
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IProofVerifier).interfaceId || super.supportsInterface(interfaceId);
    }

    function _decode(bytes calldata proof) private pure returns (Claim memory claim) {
        (
            claim.taskId,
            claim.agentId,
            claim.modelId,
            claim.requestInputHash,
            claim.policy,
            claim.proof,
            claim.results,
            claim.request
        ) = abi.decode(proof, (bytes32, bytes32, bytes32, bytes32, bytes32, uint256[8], uint256[], uint256[]));
    }

    /// @dev The input as whoever settles the task binds it to task and agent.
    function _boundInput(Claim memory claim) private pure returns (bytes32) {
        bytes32 taskInput = keccak256(abi.encode(claim.modelId, claim.requestInputHash, claim.policy));
        return keccak256(abi.encode(claim.taskId, claim.agentId, taskInput));
    }

    function _signalsOf(Claim memory claim) private pure returns (uint256[] memory signals) {
        (uint256 results, uint256 request) = (claim.results.length, claim.request.length);
        signals = new uint256[](results + request + 1);
        for (uint256 index = 0; index < results; ++index) {
            signals[index] = claim.results[index];
        }
        for (uint256 index = 0; index < request; ++index) {
            signals[results + index] = claim.request[index];
        }
        // 248 bits are always below the group order.
        signals[results + request] = uint256(keccak256(abi.encode(claim.taskId, claim.agentId))) >> 8;
    }
}
