// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assignment} from "../types/Assignment.sol";
import {Order} from "../types/Order.sol";

/// @title IRedundantMode
/// @notice k providers answer the same order: each commits to a salted hash, then all open, and a strict majority of
///         the assigned seats decides. Two aggregated calls settle a job; each has a per-seat fallback in ISeatFallback.
///
///         none -> Anchored -> Paid | Reseating -> Anchored -> Paid | Refunded
///         none -> Committing -> Anchored (seat by seat)     Reseating -> Refunded (never seated again)
interface IRedundantMode {
    /// @notice All seats are bound; they may open now.
    /// @param commitments in seat order; zero for a seat that never committed
    event SeatsAnchored(bytes32 indexed jobId, uint8 round, uint32[] seats, bytes32[] commitments);
    /// @notice A round was settled.
    /// @param outputHash the majority's output, zero when there was none
    /// @param winnersMask bit i is set when seat i gave that output
    event RedundantClosed(bytes32 indexed jobId, uint8 round, bytes32 outputHash, uint256 winnersMask);
    /// @notice No majority in round 0: the coordinator may seat the job once more.
    /// @param seatBy last second to do so
    event JobReseating(bytes32 indexed jobId, uint40 seatBy);

    /// @notice The assignment is for another job.
    error WrongJob(bytes32 have, bytes32 want);
    /// @notice The assignment is for another round.
    error WrongRound(uint8 have, uint8 want);
    /// @notice The number of seats is not what the order or a dispute asks for, or not odd and 3..15.
    error BadSeatCount(uint256 have, uint256 want);
    /// @notice A provider has two seats.
    error DuplicateSeat(uint32 providerId);
    /// @notice The provider whose result is disputed cannot judge it.
    error AccusedSeat(uint32 providerId);
    /// @notice Another assignment was used to begin this round.
    error AssignmentMismatch(bytes32 jobId);
    /// @notice Arrays or packed signatures do not match the number of seats.
    error BadLength(uint256 have, uint256 want);
    /// @notice A commitment is zero.
    error ZeroCommitment(uint32 providerId);
    /// @notice The seat already committed to something else on chain.
    error CommitmentMismatch(uint32 providerId);
    /// @notice Seats and commitments are not the anchored ones.
    error SeatsMismatch(bytes32 jobId);
    /// @notice Output and salt do not open the seat's commitment.
    error BadOpening(uint32 providerId);

    /// @notice Binds all seats of a round at once and locks their bonds; round 0 also escrows the price. Anybody may
    ///         bring the signatures.
    /// @param orderSig requester's signature (ECDSA or ERC-1271); read in round 0 only
    /// @param assignmentSig signature of order.coordinator
    /// @param commitments in seat order
    /// @param seatSigs 65-byte SeatCommit signatures of the signing keys, concatenated in seat order; the bytes of
    ///        seats that already committed through {ISeatFallback-commitSeat} are not read
    function anchorSeats(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig,
        bytes32[] calldata commitments,
        bytes calldata seatSigs
    ) external;

    /// @notice Opens the seats and settles the round. Anybody may call: openings authenticate themselves. Settles at
    ///         once when every seat is opened, copied or never committed, otherwise after the reveal deadline.
    /// @dev Warning: from the second after the reveal deadline on, anybody may settle with the openings that are known
    ///      on chain. A seat that does not see its opening brought in time brings it itself through {ISeatFallback-openSeat}.
    /// @param ids seats as anchored
    /// @param commitments as anchored
    /// @param outputs output hashes in seat order; zero with a zero salt = not given here
    /// @param salts in seat order
    function openSeats(
        Order calldata order,
        uint32[] calldata ids,
        bytes32[] calldata commitments,
        bytes32[] calldata outputs,
        bytes32[] calldata salts
    ) external;
}
