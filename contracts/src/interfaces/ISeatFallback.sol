// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assignment} from "../types/Assignment.sol";
import {Order} from "../types/Order.sol";

/// @title ISeatFallback
/// @notice What one seat of a round can do by itself when nobody brings the aggregated calls of IRedundantMode.
interface ISeatFallback {
    /// @notice One seat committed by itself.
    event SeatCommitted(bytes32 indexed jobId, uint8 round, uint32 indexed providerId, bytes32 commitment);
    /// @notice One seat was opened by itself.
    event SeatOpened(bytes32 indexed jobId, uint8 round, uint32 indexed providerId, bytes32 outputHash);
    /// @notice The provider has no seat in this assignment.
    error NotSeated(uint32 providerId);
    /// @notice The seat already committed on chain.
    error AlreadyCommitted(uint32 providerId);
    /// @notice The seat's opening is stored already.
    error AlreadyOpened(uint32 providerId);

    /// @notice Fallback when nobody anchors: one seat commits by itself. Called by its owner or signing key. The
    ///         first one escrows the price; with the last one the job is anchored.
    /// @dev The signature is what {IEquivocation-proveSeatEquivocation} needs when the seat had promised another
    ///      commitment off chain and chose this one after it saw the others' outputs.
    /// @param seatSig SeatCommit signature of the seat's signing key
    function commitSeat(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig,
        uint32 providerId,
        bytes32 commitment,
        bytes calldata seatSig
    ) external;

    /// @notice Anchors a round in which some seats never committed, after its seating deadline. Anybody may call. The
    ///         missing seats locked nothing and lose nothing, but count as assigned.
    function sealSeats(Order calldata order, Assignment calldata assignment) external;

    /// @notice Fallback when nobody opens: stores one opening until the round is settled. Anybody may call.
    function openSeat(
        Order calldata order,
        uint32[] calldata ids,
        bytes32[] calldata commitments,
        uint256 index,
        bytes32 output,
        bytes32 salt
    ) external;

    /// @notice Commitment stored by {commitSeat}; zero once the round is anchored.
    function seatCommitmentOf(bytes32 jobId, uint32 providerId) external view returns (bytes32);
    /// @notice Output stored by {openSeat}; zero once the round is settled.
    function seatOpeningOf(bytes32 jobId, uint32 providerId) external view returns (bytes32);
}
