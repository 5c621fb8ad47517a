// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IJobMarket
/// @notice The on-chain lane: post, accept, submit, finalize, with a bonded dispute in between. Needs no coordinator
///         unless a result is disputed. A deadline is the last valid second.
///
///         Open -> Active -> Submitted -> Paid
///         Open -> Refunded (cancelled or never accepted)    Active -> Failed (provider late)
///         Submitted -> Disputed -> Paid | Refunded          (through the seats of IRedundantMode, round 2)
interface IJobMarket {
    /// @notice A job as stored. `at` is the second of the last transition.
    struct Job {
        // 0 none, 1 Open, 2 Active, 3 Submitted, 4 Disputed, 5 Committing, 6 Anchored, 7 Reseating, 8 Paid, 9 Refunded,
        // 10 Failed
        uint8 status;
        uint8 round; // redundant lane and disputes
        uint32 providerId; // on-chain lane
        uint40 at; // Committing in round 1 or 2 keeps the second at which the round began
        uint200 tag; // seats: high 200 bits of the bound hash; on-chain lane: high 168 bits of the output hash
    }

    /// @notice A running dispute; zero when there is none.
    struct Dispute {
        address challenger; // its bond equals Order.bondWei
        uint32 providerId; // whose result is disputed
        uint168 outputTag; // high 168 bits of the disputed output hash
    }

    event JobPosted(bytes32 indexed jobId, address indexed requester, bytes32 indexed modelId, Order order);
    /// @param dueAt last second to submit
    event JobAccepted(bytes32 indexed jobId, uint32 indexed providerId, uint40 dueAt);
    event JobCompleted(bytes32 indexed jobId, uint32 indexed providerId, bytes32 outputHash);
    /// @notice The price was divided: price = paidWei + feeWei + refundedWei.
    /// @param providerId zero for a redundant job, whose winners are in RedundantClosed
    event JobFinalized(
        bytes32 indexed jobId, uint32 indexed providerId, uint96 paidWei, uint96 feeWei, uint96 refundedWei
    );
    /// @notice The price went back: cancelled, dispute upheld, or no majority twice.
    event JobRefunded(bytes32 indexed jobId, uint96 refundWei);
    /// @notice The price went back because a deadline passed.
    event JobExpired(bytes32 indexed jobId, uint96 refundWei);
    /// @param seatBy last second to seat the re-execution
    event JobDisputed(
        bytes32 indexed jobId, address indexed challenger, uint96 bondWei, bytes32 claimedOutputHash, uint40 seatBy
    );
    /// @notice `upheld`: the re-execution found another output than the provider's.
    event DisputeResolved(bytes32 indexed jobId, bool upheld);

    /// @notice The job is in a state in which this call means nothing.
    error BadState(bytes32 jobId, uint8 status);
    /// @notice Only the requester of the order may do this.
    error NotRequester(address requester, address caller);
    /// @notice The lane does not serve orders of this mode.
    error UnsupportedMode(uint8 mode);
    /// @notice The order could keep its money longer than the deployment allows.
    error LifeTooLong(uint256 seconds_, uint256 maxSeconds);
    /// @notice The order names another provider (zero: none).
    error WrongProvider(uint32 have, uint32 want);
    /// @notice The order names no coordinator, so nobody could seat a re-execution.
    error NoCoordinator(bytes32 jobId);
    /// @notice An order without bond cannot be disputed.
    error NoBond(bytes32 jobId);
    /// @notice The claimed output is the submitted one.
    error SameOutput(bytes32 outputHash);

    /// @notice Escrows the price from the caller's free balance and opens the job.
    /// @return jobId EIP-712 digest of the order
    function postJob(Order calldata order) external returns (bytes32 jobId);

    /// @notice Takes back an open job.
    function cancelJob(Order calldata order) external;

    /// @notice Takes an open job; locks the bond. Called by the provider's owner or signing key.
    /// @dev Warning: with order.coordinator set, accepting also accepts that coordinator as the one who seats the
    ///      re-execution if the result is disputed. Accept only from coordinators you trust to draw fairly.
    function acceptJob(Order calldata order, uint32 providerId) external;

    /// @notice Delivers the hash of the result. Called by the provider's owner or signing key.
    function submitResult(Order calldata order, bytes32 outputHash) external;

    /// @notice Pays the provider when nobody disputed in time. Anybody may call.
    function finalizeJob(Order calldata order) external;

    /// @notice Closes a job whose deadline passed. Anybody may call.
    /// @dev Open: refund. Active: refund, bond lost. Reseating: refund. Disputed and never seated: the provider is
    ///      paid and the challenger gets its bond back, since the requester chose the coordinator that did not act.
    function expireJob(Order calldata order) external;

    /// @notice Disputes a submitted result; locks a bond of order.bondWei from the caller's free balance.
    /// @dev The coordinator then seats a re-execution by three other providers. Majority equals the submitted output:
    ///      the bond is lost. Majority differs: the provider's bond is lost and the price refunded. No majority in
    ///      time: the provider is paid and nobody is slashed for it.
    function disputeJob(Order calldata order, bytes32 claimedOutputHash) external;

    /// @notice EIP-712 digest of an order in this deployment.
    function jobIdOf(Order calldata order) external view returns (bytes32);
    /// @notice Stored state of a job.
    function jobOf(bytes32 jobId) external view returns (Job memory);
    /// @notice The running dispute of a job.
    function disputeOf(bytes32 jobId) external view returns (Dispute memory);
}
