// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ILedger} from "../../interfaces/ILedger.sol";
import {IRedundantMode} from "../../interfaces/IRedundantMode.sol";
import {CalldataWords} from "../../libraries/CalldataWords.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {Assignment} from "../../types/Assignment.sol";
import {Order} from "../../types/Order.sol";
import {SeatCommit} from "../../types/SeatCommit.sol";
import {SeatStore} from "./SeatStore.sol";
import {SeatsDigest} from "./SeatsDigest.sol";

/// @title Seating
/// @notice First half of a round: binds the assigned seats to their commitments and locks their bonds.
abstract contract Seating is IRedundantMode, SeatStore {
    using CalldataWords for uint32[];
    using CalldataWords for bytes32[];


    /// @inheritdoc IRedundantMode
    function anchorSeats(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig,
        bytes32[] calldata commitments,
        bytes calldata seatSigs
    ) external nonReentrant {
        uint32[] calldata seats = assignment.seats;
        Round memory round = _beginRound(order, orderSig, assignment, assignmentSig);
        _bindSeats(round, order.bondWei, seats, commitments, seatSigs);
        _setAnchored(round.jobId, round.number, SeatsDigest.digestOf(seats, commitments));
        emit SeatsAnchored(round.jobId, round.number, seats, commitments);
    }

    function _bindSeats(
        Round memory round,
        uint96 bondWei,
        uint32[] calldata seats,
        bytes32[] calldata commitments,
        bytes calldata seatSigs
    ) private {
        uint256 count = seats.length;
        require(commitments.length == count, BadLength(commitments.length, count));
        uint256 sigBytes = count * Signatures.SIGNATURE_BYTES;
        require(seatSigs.length == sigBytes, BadLength(seatSigs.length, sigBytes));
        bytes32 domain = _domainSeparator();
        SeatCommit memory seatCommit = SeatCommit(round.assignmentHash, 0, 0);
        for (uint256 i = 0; i < count; ++i) {
            uint32 seat = seats.itemAt(i);
            bytes32 commitment = commitments.itemAt(i);
            if (round.committing && _takeCommitment(round.jobId, seat, commitment)) continue;
            require(commitment != 0, ZeroCommitment(seat));
            address key = _lockBond(seat, bondWei);
            seatCommit.providerId = seat;
            seatCommit.commitment = commitment;
            bytes32 digest = MessageHashUtils.toTypedDataHash(domain, seatCommit.hashStruct());
            require(Signatures.recoverAt(digest, seatSigs, i) == key, ILedger.BadSignature(key));
        }
    }

    /// @dev True when the seat committed by itself, in which case its commitment must be the given one.
    function _takeCommitment(bytes32 jobId, uint32 seat, bytes32 commitment) private returns (bool) {
        bytes32 stored = _commitments[jobId][seat];
        if (stored == 0) return false;
        require(stored == commitment, CommitmentMismatch(seat));
        delete _commitments[jobId][seat];
        return true;
    }
}
