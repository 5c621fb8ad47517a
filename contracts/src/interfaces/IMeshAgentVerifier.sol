// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentVerifier} from "./IErc8274.sol";
import {IVerifierRouter} from "./IVerifierRouter.sol";

/// @title IMeshAgentVerifier
/// @notice The IAgentVerifier of DuckMesh. The first four bytes of `proof` select a verifier of the router, the rest is
///         its proof. The verifier is given keccak256(abi.encode(taskId, agentId, inputHash)) as input hash, so a proof
///         says for which task and agent it was made and is worthless for any other.
/// @dev Which agent may do a task is decided by the caller; the agent id is only bound into the proof. There is no
///      IAgentProofProfile: the profile depends on the selector, see {agentProofProfileOf}.
interface IMeshAgentVerifier is IAgentVerifier {
    /// @notice The caller got a valid proof for this task before.
    error TaskUsed(address caller, bytes32 taskId);
    /// @notice The proof is too short to hold a selector.
    error NoSelector();

    /// @notice Judges a proof. A task is used up by the first valid one, for this caller alone: a stranger cannot use up
    ///         the tasks of a settlement contract. Reverts, without judgement, when the verifier is unknown, tombstoned or
    ///         would get too little gas.
    /// @dev Warning: a task id must be unique across chains and contracts, as an EIP-712 digest is. With small numbers
    ///      the proof of one settlement contract would hold in another. Warning: do not catch a revert and read it as
    ///      false: whoever sends the transaction could cause it by giving little gas.
    /// @param taskId for the mesh: the job id
    /// @param agentId for the mesh: the provider id
    /// @param inputHash for the mesh: keccak256(abi.encode(order.modelId, order.inputHash, order.policy))
    /// @param proof selector, then the proof of that verifier
    /// @inheritdoc IAgentVerifier
    function verify(bytes32 taskId, bytes32 agentId, bytes32 inputHash, bytes32 outputHash, bytes calldata proof)
        external
        override
        returns (bool valid, bytes32 verificationDigest);

    /// @notice The router whose selectors are understood here; never changes.
    function router() external view returns (IVerifierRouter);

    /// @notice agentProofProfile of events and digests for proofs with this selector; zero for an unknown one.
    function agentProofProfileOf(bytes4 selector) external view returns (bytes32);

    /// @notice True when `caller` got a valid proof for the task.
    function isTaskUsed(address caller, bytes32 taskId) external view returns (bool);
}
