// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IDisputes
/// @notice Bonded disputes of the on-chain lane, decided by a re-execution.
interface IDisputes {
    /// @notice A running dispute; zero when there is none.
    struct Dispute {
        address challenger; // its bond equals Order.bondWei
        uint32 providerId; // whose result is disputed
        uint168 outputTag; // high 168 bits of the disputed output hash
    }

    /// @param seatBy last second to seat the re-execution
    event JobDisputed(
        bytes32 indexed jobId, address indexed challenger, uint96 bondWei, bytes32 claimedOutputHash, uint40 seatBy
    );
    /// @notice `upheld`: the re-execution found another output than the provider's.
    event DisputeResolved(bytes32 indexed jobId, bool upheld);

    /// @notice The order names no coordinator, so nobody could seat a re-execution.
    error NoCoordinator(bytes32 jobId);
    /// @notice An order without bond cannot be disputed.
    error NoBond(bytes32 jobId);
    /// @notice The claimed output is the submitted one.
    error SameOutput(bytes32 outputHash);

    /// @notice Disputes a submitted result; locks a bond of order.bondWei from the caller's free balance.
    /// @dev The coordinator then seats a re-execution by three other providers. Majority equals the submitted output:
    ///      the bond is lost. Majority differs: the provider's bond is lost and the price refunded. No majority in
    ///      time: the provider is paid and nobody is slashed for it.
    function disputeJob(Order calldata order, bytes32 claimedOutputHash) external;

    /// @notice The running dispute of a job.
    function disputeOf(bytes32 jobId) external view returns (Dispute memory);
}
