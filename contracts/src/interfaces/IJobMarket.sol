// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IJobMarket
/// @notice The on-chain lane: post, accept, submit, finalize, with room for a dispute in between (IDisputes).
///         Needs no coordinator unless a result is disputed. A deadline is the last valid second.
///
///         Open -> Active -> Submitted -> Paid
///         Open -> Refunded (cancelled or never accepted)    Active -> Active (taken over from a late provider)
///         Active -> Failed (provider late)                  Active -> Paid (by a proof, see IVerifiedMode)
///         Submitted -> Disputed -> Paid | Refunded          (through the seats of IRedundantMode, round 2)
interface IJobMarket {
    event JobPosted(bytes32 indexed jobId, address indexed requester, bytes32 indexed modelId, Order order);
    /// @param dueAt last second to submit
    event JobAccepted(bytes32 indexed jobId, uint32 indexed providerId, uint40 dueAt);
    event JobCompleted(bytes32 indexed jobId, uint32 indexed providerId, bytes32 outputHash);
    /// @notice The price was divided: price = paidWei + refundedWei.
    /// @param providerId zero for a redundant job, whose winners are in RedundantClosed
    /// @param paidWei to providers, gross: their fee is taken when they first need the money, see IMeshTerms
    event JobFinalized(bytes32 indexed jobId, uint32 indexed providerId, uint96 paidWei, uint96 refundedWei);
    /// @notice The price went back: cancelled, dispute upheld, or no majority twice.
    event JobRefunded(bytes32 indexed jobId, uint96 refundWei);
    /// @notice The price went back because a deadline passed.
    event JobExpired(bytes32 indexed jobId, uint96 refundWei);
    /// @notice The job is in a state in which this call means nothing.
    error BadState(bytes32 jobId, uint8 status);
    /// @notice Only the requester of the order may do this.
    error NotRequester(address requester, address caller);
    /// @notice Only a proof delivers the result of this job, see IVerifiedMode.
    error ProofRequired(bytes32 jobId);
    /// @notice The lane does not serve orders of this mode.
    error UnsupportedMode(uint8 mode);
    /// @notice The order could keep its money longer than the deployment allows.
    error LifeTooLong(uint256 seconds_, uint256 maxSeconds);
    /// @notice The order names another provider (zero: none).
    error WrongProvider(uint32 have, uint32 want);
    /// @notice Escrows the price from the caller's free balance and opens the job.
    /// @return jobId EIP-712 digest of the order
    function postJob(Order calldata order) external returns (bytes32 jobId);

    /// @notice Takes an open job; locks the bond. Called by the provider's owner or signing key.
    /// @dev Warning: with order.coordinator set, accepting also accepts that coordinator as the one who seats the
    ///      re-execution if the result is disputed. Accept only from coordinators you trust to draw fairly.
    function acceptJob(Order calldata order, uint32 providerId) external;

    /// @notice Delivers the hash of the result. Called by the provider's owner or signing key.
    function submitResult(bytes32 jobId, bytes32 outputHash) external;

    /// @notice Pays the provider when nobody disputed in time. Anybody may call.
    function finalizeJob(Order calldata order) external;
}
