// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IVerifiedMode
/// @notice Modes reference, attested and proof: the verifier that the order pins decides, and a valid proof pays at once.
/// @dev The first four bytes of order.policy are the selector of the verifier. The mesh hands the verifier the job id as
///      task, the provider id as agent, keccak256(abi.encode(modelId, inputHash, policy)) as input hash, and the
///      selector followed by the proof (ERC-8274, see IErc8274.sol). What a valid proof says depends on the verifier.
interface IVerifiedMode {
    /// @notice An order was paid by its proof in one transaction.
    /// @param amountWei the price, gross
    event ProofSettled(
        bytes32 indexed jobId, uint32 indexed providerId, uint96 amountWei, bytes32 outputHash
    );

    /// @notice The verifier found the proof wrong. Nothing changed; the provider may bring a right one in time.
    error BadProof(bytes32 jobId, uint32 providerId);
    /// @notice The proof is about another output than the submitted one.
    error OtherOutput(bytes32 jobId, bytes32 outputHash);

    /// @notice Ends a job of the on-chain lane by a proof of its output. Active: called by the provider's owner or signing
    ///         key in time. Submitted (mode reference): anybody may bring the validators' verdict on what was submitted,
    ///         which ends the dispute window.
    function submitProof(Order calldata order, bytes32 outputHash, bytes calldata proof) external;

    /// @notice Pays a signed order for its proof in one transaction, up to the second acceptBy + execWindow. Called by the
    ///         provider's owner or signing key. Writes no word for the job, like {ISignedLane-settle}.
    /// @param orderSig requester's signature (ECDSA or ERC-1271)
    function settleProof(
        Order calldata order,
        bytes calldata orderSig,
        uint32 providerId,
        bytes32 outputHash,
        bytes calldata proof
    ) external;
}
