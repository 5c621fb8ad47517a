// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../../extension/Delegated.sol";
import {ILedger} from "../../interfaces/ILedger.sol";
import {IRedundantMode} from "../../interfaces/IRedundantMode.sol";
import {ISeatFallback} from "../../interfaces/ISeatFallback.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {Assignment} from "../../types/Assignment.sol";
import {JobStatus, JobWord, JobWordLib} from "../../types/JobWord.sol";
import {Order} from "../../types/Order.sol";
import {SeatCommit} from "../../types/SeatCommit.sol";
import {SeatStore} from "./SeatStore.sol";

/// @title SeatFallback
/// @notice Seats that commit and open one by one. Part of DuckMeshJobs.
abstract contract SeatFallback is ISeatFallback, SeatStore, Delegated {
    /// @inheritdoc ISeatFallback
    function commitSeat(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig,
        uint32 providerId,
        bytes32 commitment,
        bytes calldata seatSig
    ) external delegated nonReentrant {
        Round memory round = _beginRound(order, orderSig, assignment, assignmentSig);
        _requireOperator(providerId);
        _requireSeated(assignment.seats, providerId);
        address key = _bindSeat(round.jobId, providerId, commitment, order.bondWei);
        bytes32 digest = _digestOf(SeatCommit(round.assignmentHash, providerId, commitment).hashStruct());
        require(Signatures.recover(digest, seatSig) == key, ILedger.BadSignature(key));
        emit SeatCommitted(round.jobId, round.number, providerId, commitment);
        (bytes32[] memory commitments, uint256 missing) = _storedCommitments(round.jobId, assignment.seats);
        if (missing == 0) {
            _anchorStored(round.jobId, round.number, assignment.seats, commitments);
        } else if (!round.committing) {
            _jobs[round.jobId] =
                JobWordLib.seated(JobStatus.COMMITTING, round.number, round.since, round.assignmentHash);
        }
    }

    /// @inheritdoc ISeatFallback
    function sealSeats(Order calldata order, Assignment calldata assignment) external delegated nonReentrant {
        (bytes32 jobId, JobWord word) = _load(order, JobStatus.COMMITTING);
        require(word.binds(assignment.hashStruct()), IRedundantMode.AssignmentMismatch(jobId));
        _requireAfter(_seatBy(order, word.round(), word.since()));
        (bytes32[] memory commitments,) = _storedCommitments(jobId, assignment.seats);
        _anchorStored(jobId, word.round(), assignment.seats, commitments);
    }

    /// @inheritdoc ISeatFallback
    function seatCommitmentOf(bytes32 jobId, uint32 providerId) external view returns (bytes32) {
        return _commitments[jobId][providerId];
    }

    /// @inheritdoc ISeatFallback
    function openSeat(
        Order calldata order,
        uint32[] calldata ids,
        bytes32[] calldata commitments,
        uint256 index,
        bytes32 output,
        bytes32 salt
    ) external delegated nonReentrant {
        (bytes32 jobId, JobWord word) = _loadAnchored(order, ids, commitments);
        require(index < ids.length, IRedundantMode.BadLength(index, ids.length));
        uint32 seat = ids[index];
        _requireOpening(jobId, word.round(), seat, commitments[index], output, salt);
        require(_openings[jobId][seat] == 0, AlreadyOpened(seat));
        _openings[jobId][seat] = output;
        if (!word.hasStoredOpenings()) _jobs[jobId] = word.withStoredOpenings();
        emit SeatOpened(jobId, word.round(), seat, output);
    }

    /// @inheritdoc ISeatFallback
    function seatOpeningOf(bytes32 jobId, uint32 providerId) external view returns (bytes32) {
        return _openings[jobId][providerId];
    }

    function _bindSeat(bytes32 jobId, uint32 seat, bytes32 commitment, uint96 bondWei)
        private
        returns (address signingKey)
    {
        require(commitment != 0, IRedundantMode.ZeroCommitment(seat));
        require(_commitments[jobId][seat] == 0, AlreadyCommitted(seat));
        _commitments[jobId][seat] = commitment;
        return _lockBond(seat, bondWei);
    }

    /// @dev Anchors commitments that were made seat by seat, and frees their storage.
    function _anchorStored(bytes32 jobId, uint8 round, uint32[] calldata seats, bytes32[] memory commitments)
        private
    {
        for (uint256 i = 0; i < seats.length; ++i) {
            delete _commitments[jobId][seats[i]];
        }
        _setAnchored(jobId, round, keccak256(abi.encode(seats, commitments)));
        emit IRedundantMode.SeatsAnchored(jobId, round, seats, commitments);
    }

    function _storedCommitments(bytes32 jobId, uint32[] calldata seats)
        private
        view
        returns (bytes32[] memory commitments, uint256 missing)
    {
        commitments = new bytes32[](seats.length);
        for (uint256 i = 0; i < seats.length; ++i) {
            commitments[i] = _commitments[jobId][seats[i]];
            if (commitments[i] == 0) ++missing;
        }
    }

    function _requireSeated(uint32[] calldata seats, uint32 providerId) private pure {
        for (uint256 i = 0; i < seats.length; ++i) {
            if (seats[i] == providerId) return;
        }
        revert NotSeated(providerId);
    }
}
