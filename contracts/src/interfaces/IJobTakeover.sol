// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IJobTakeover
/// @notice What happens to a job whose provider is late besides being refunded: somebody else finishes it.
interface IJobTakeover {
    /// @notice The late provider lost its bond; the job is Active again.
    /// @param rewardWei part of that bond, earned by the new provider at once
    event JobTakenOver(
        bytes32 indexed jobId, uint32 indexed lateProviderId, uint32 indexed providerId, uint96 rewardWei
    );

    /// @notice A job changes hands once; the one who took it over is late too.
    error TakenOverAlready(bytes32 jobId, uint32 providerId);

    /// @notice The verifier of the order was taken out of service, so nobody can deliver; {IJobClosing-expireJob} refunds.
    error VerifierGone(bytes32 jobId, bytes4 selector);

    /// @notice Takes a late job for the same price; locks the bond and starts the execution window anew. Possible
    ///         within one execution window after the job was due, unless somebody expired it first. Called by the
    ///         owner or signing key of the provider that takes over.
    /// @dev Half of the late provider's bond is burned, a quarter goes to the requester, a quarter to whoever takes
    ///      over. It is earned at once: the same bond stands for finishing the job, so leaving it loses four times
    ///      that. Orders that name their provider cannot be taken over.
    function takeOverJob(Order calldata order, uint32 providerId) external;
}
