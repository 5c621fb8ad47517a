// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IJobClosing
/// @notice How a job ends without a result, whatever its lane, and how it is looked up. Events in IJobMarket.
interface IJobClosing {
    /// @notice A job as stored. `at` is the second of the last transition.
    struct Job {
        // 0 none, 1 Open, 2 Active, 3 Submitted, 4 Disputed, 5 Committing, 6 Anchored, 7 Reseating, 8 Paid, 9 Refunded,
        // 10 Failed
        uint8 status;
        uint8 round; // redundant lane and disputes
        bool takenOver; // Active: from a provider that was late
        uint32 providerId; // on-chain lane
        uint40 at; // Committing in round 1 or 2 keeps the second at which the round began
        // Seats: high 200 bits of the bound hash. Active: last second to submit. Otherwise: high 168 bits of the output
        // hash.
        uint200 tag;
    }

    /// @notice Takes back an open job.
    function cancelJob(Order calldata order) external;

    /// @notice Closes a job whose deadline passed. Anybody may call.
    /// @dev Open: refund. Active: refund, bond lost (unless its verifier was
    ///      taken out of service: refund, bond unlocked). Reseating: refund. Disputed and never seated: the provider is
    ///      paid and the challenger gets its bond back, since the requester chose the coordinator that did not act.
    function expireJob(Order calldata order) external;

    /// @notice EIP-712 digest of an order in this deployment.
    function jobIdOf(Order calldata order) external view returns (bytes32);
    /// @notice Stored state of a job.
    function jobOf(bytes32 jobId) external view returns (Job memory);
}
