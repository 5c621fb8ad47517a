// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IFeedbackAdapter
/// @notice The mesh as a client of ERC-8004: counts closed jobs of the on-chain lane, and says once for each provider
///         and week which share of them was paid. Anybody may count and anybody may let it say so. Uptime and response
///         times are not said: no contract knows them.
///
///         A job belongs to the epoch in which it was closed. Until the end of the next epoch it can be counted, and
///         from then on the feedback can be given.
interface IFeedbackAdapter {
    /// @notice What was counted of one provider in one epoch. One slot.
    struct Tally {
        uint32 paidJobs;
        uint32 failedJobs; // late, or dispute lost
        uint32 requesters; // distinct addresses
        bool isGiven; // the feedback was given
    }

    event JobCounted(bytes32 indexed jobId, uint32 indexed providerId, uint32 indexed epoch, bool isPaid);
    /// @param rateBps paid jobs in 1/10,000 of all that were counted, rounded down
    event FeedbackGiven(
        uint32 indexed providerId,
        uint32 indexed epoch,
        uint256 indexed agentId,
        uint32 paidJobs,
        uint32 failedJobs,
        uint32 requesters,
        uint256 rateBps
    );

    /// @notice The job is in the tally.
    error AlreadyCounted(bytes32 jobId);
    /// @notice Jobs of this epoch could be counted until `countUntil`.
    error CountingClosed(uint32 epoch, uint64 countUntil);
    /// @notice Jobs of this epoch can still be counted, until `countUntil`.
    error CountingOpen(uint32 epoch, uint64 countUntil);
    /// @notice No job of this provider was counted in this epoch.
    error NothingCounted(uint32 providerId, uint32 epoch);
    /// @notice The feedback was given.
    error AlreadyGiven(uint32 providerId, uint32 epoch);

    /// @notice Puts a closed job of the on-chain lane into the tally of the provider that it ended with.
    /// @dev Warning: what nobody counts does not count. Who cares for a provider's share counts its jobs in time;
    ///      others can count the failed ones alone.
    function countJob(Order calldata order) external;

    /// @notice Gives the feedback about the agent that the provider is now: tag1 "successRate", tag2 "week", a
    ///         percentage with two decimals.
    /// @dev Warning: jobs that a provider buys from itself count, and `requesters` are addresses and not people. An
    ///      owner can unlink its agent, or name this contract its operator, and get no feedback at all: no news is not
    ///      good news.
    function giveFeedback(uint32 providerId, uint32 epoch) external;

    /// @notice Epoch of a second: weeks since 1970-01-01.
    function epochOf(uint40 timestamp) external view returns (uint32 epoch);
    /// @notice Last second in which jobs of the epoch can be counted.
    function countUntilOf(uint32 epoch) external view returns (uint64);
    /// @notice What was counted so far.
    function tallyOf(uint32 providerId, uint32 epoch) external view returns (Tally memory);
    /// @notice True when the job is in a tally.
    function isCounted(bytes32 jobId) external view returns (bool);
}
