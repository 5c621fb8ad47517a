// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IRedundantMode} from "../../interfaces/IRedundantMode.sol";
import {CalldataWords} from "../../libraries/CalldataWords.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {JobMarket} from "../../market/JobMarket.sol";
import {Assignment} from "../../types/Assignment.sol";
import {JobMode} from "../../types/JobMode.sol";
import {JobStatus, JobWord, JobWordLib} from "../../types/JobWord.sol";
import {Order} from "../../types/Order.sol";
import {SeatCommit} from "../../types/SeatCommit.sol";
import {SeatsDigest} from "./SeatsDigest.sol";

/// @title Seating
/// @notice First half of a round: binds the assigned seats to their commitments and locks their bonds.
abstract contract Seating is IRedundantMode, JobMarket {
    using CalldataWords for uint32[];
    using CalldataWords for bytes32[];

    uint256 private constant MIN_SEATS = 3;
    uint256 private constant MAX_SEATS = 15;
    uint256 private constant SIGNATURE_BYTES = 65;

    /// @dev A round being seated.
    struct Round {
        bytes32 jobId;
        bytes32 assignmentHash;
        uint40 since; // second at which the round began
        uint8 number;
        bool committing; // some seats committed by themselves already
    }

    // Commitments of seats that committed by themselves; deleted when the round is anchored.
    mapping(bytes32 jobId => mapping(uint32 providerId => bytes32 commitment)) private _commitments;

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

    /// @inheritdoc IRedundantMode
    function commitSeat(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig,
        uint32 providerId,
        bytes32 commitment
    ) external nonReentrant {
        Round memory round = _beginRound(order, orderSig, assignment, assignmentSig);
        _requireOperator(providerId);
        _requireSeated(assignment.seats, providerId);
        _bindSeat(round.jobId, providerId, commitment, order.bondWei);
        emit SeatCommitted(round.jobId, round.number, providerId, commitment);
        (bytes32[] memory commitments, uint256 missing) = _storedCommitments(round.jobId, assignment.seats);
        if (missing == 0) {
            _anchorStored(round.jobId, round.number, assignment.seats, commitments);
        } else if (!round.committing) {
            _jobs[round.jobId] =
                JobWordLib.seated(JobStatus.COMMITTING, round.number, round.since, round.assignmentHash);
        }
    }

    /// @inheritdoc IRedundantMode
    function sealSeats(Order calldata order, Assignment calldata assignment) external nonReentrant {
        (bytes32 jobId, JobWord word) = _load(order, JobStatus.COMMITTING);
        require(word.binds(assignment.hashStruct()), AssignmentMismatch(jobId));
        _requireAfter(_seatBy(order, word.round(), word.since()));
        (bytes32[] memory commitments,) = _storedCommitments(jobId, assignment.seats);
        _anchorStored(jobId, word.round(), assignment.seats, commitments);
    }

    /// @inheritdoc IRedundantMode
    function seatCommitmentOf(bytes32 jobId, uint32 providerId) external view returns (bytes32) {
        return _commitments[jobId][providerId];
    }

    /// @dev Checks that this assignment may seat this job now; the first call of round 0 also enters the order.
    function _beginRound(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig
    ) private returns (Round memory round) {
        round.jobId = _jobIdOf(order);
        JobWord word = _jobs[round.jobId];
        uint8 status = word.status();
        round.committing = status == JobStatus.COMMITTING;
        round.number = round.committing ? word.round() : _roundAfter(round.jobId, status);
        require(assignment.jobId == round.jobId, WrongJob(assignment.jobId, round.jobId));
        require(assignment.round == round.number, WrongRound(assignment.round, round.number));
        round.assignmentHash = assignment.hashStruct();
        if (round.committing) {
            require(word.binds(round.assignmentHash), AssignmentMismatch(round.jobId));
        } else {
            _requireAssignment(order, round, assignment.seats, assignmentSig);
        }
        if (status == JobStatus.NONE) {
            round.since = uint40(block.timestamp);
            _enterRedundant(order, round.jobId, orderSig);
        } else {
            round.since = word.since();
            _requireNotAfter(_seatBy(order, round.number, round.since));
        }
    }

    function _enterRedundant(Order calldata order, bytes32 jobId, bytes calldata orderSig) private {
        require(order.mode == JobMode.REDUNDANT, UnsupportedMode(order.mode));
        require(order.providerId == 0, WrongProvider(0, order.providerId));
        require(Signatures.isValid(order.requester, jobId, orderSig), BadSignature(order.requester));
        // First reveal, then one reseating with its own reveal.
        _enter(order, (SEATING_WINDOWS + 2) * order.execWindow);
    }

    function _requireAssignment(
        Order calldata order,
        Round memory round,
        uint32[] calldata seats,
        bytes calldata assignmentSig
    ) private view {
        address signer = Signatures.recover(_hashTypedDataV4(round.assignmentHash), assignmentSig);
        require(signer != address(0) && signer == order.coordinator, BadSignature(order.coordinator));
        bool disputed = round.number == ROUND_DISPUTE;
        uint256 count = seats.length;
        uint256 want = disputed ? DISPUTE_SEATS : order.seats;
        require(
            count == want && count >= MIN_SEATS && count <= MAX_SEATS && count % 2 == 1, BadSeatCount(count, want)
        );
        uint32 accused = disputed ? _accusedOf(round.jobId) : 0;
        uint256 seen = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint32 seat = seats.requireClean(i);
            if (disputed) require(seat != accused, AccusedSeat(seat));
            // Equal ids share the low byte, so the pairs are compared only when a low byte repeats.
            uint256 bit = 1 << (seat & 0xff);
            if (seen & bit != 0) _requireNew(seats, i, seat);
            seen |= bit;
        }
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
        require(seatSigs.length == count * SIGNATURE_BYTES, BadLength(seatSigs.length, count * SIGNATURE_BYTES));
        bytes32 domain = _domainSeparatorV4();
        SeatCommit memory seatCommit = SeatCommit(round.jobId, round.number, 0, 0);
        for (uint256 i = 0; i < count; ++i) {
            uint32 seat = seats.itemAt(i);
            bytes32 commitment = commitments.itemAt(i);
            if (round.committing && _takeCommitment(round.jobId, seat, commitment)) continue;
            require(commitment != 0, ZeroCommitment(seat));
            address key = _lockBond(seat, bondWei);
            seatCommit.providerId = seat;
            seatCommit.commitment = commitment;
            bytes32 digest = MessageHashUtils.toTypedDataHash(domain, seatCommit.hashStruct());
            require(Signatures.recoverAt(digest, seatSigs, i) == key, BadSignature(key));
        }
    }

    function _bindSeat(bytes32 jobId, uint32 seat, bytes32 commitment, uint96 bondWei) private {
        require(commitment != 0, ZeroCommitment(seat));
        require(_commitments[jobId][seat] == 0, AlreadyCommitted(seat));
        _commitments[jobId][seat] = commitment;
        _lockBond(seat, bondWei);
    }

    /// @dev Anchors commitments that were made seat by seat, and frees their storage.
    function _anchorStored(bytes32 jobId, uint8 round, uint32[] calldata seats, bytes32[] memory commitments)
        private
    {
        for (uint256 i = 0; i < seats.length; ++i) {
            delete _commitments[jobId][seats[i]];
        }
        _setAnchored(jobId, round, keccak256(abi.encode(seats, commitments)));
        emit SeatsAnchored(jobId, round, seats, commitments);
    }

    /// @dev Replaces whatever the job was: its bonds are locked and its price is in escrow by now.
    function _setAnchored(bytes32 jobId, uint8 round, bytes32 digest) private {
        _jobs[jobId] = JobWordLib.seated(JobStatus.ANCHORED, round, uint40(block.timestamp), digest);
    }

    /// @dev True when the seat committed by itself, in which case its commitment must be the given one.
    function _takeCommitment(bytes32 jobId, uint32 seat, bytes32 commitment) private returns (bool) {
        bytes32 stored = _commitments[jobId][seat];
        if (stored == 0) return false;
        require(stored == commitment, CommitmentMismatch(seat));
        delete _commitments[jobId][seat];
        return true;
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

    function _roundAfter(bytes32 jobId, uint8 status) private pure returns (uint8) {
        if (status == JobStatus.NONE) return ROUND_FIRST;
        if (status == JobStatus.RESEATING) return ROUND_RESEAT;
        if (status == JobStatus.DISPUTED) return ROUND_DISPUTE;
        revert BadState(jobId, status);
    }

    function _requireNew(uint32[] calldata seats, uint256 index, uint32 seat) private pure {
        for (uint256 i = 0; i < index; ++i) {
            require(seats.itemAt(i) != seat, DuplicateSeat(seat));
        }
    }

    function _requireSeated(uint32[] calldata seats, uint32 providerId) private pure {
        for (uint256 i = 0; i < seats.length; ++i) {
            if (seats[i] == providerId) return;
        }
        revert NotSeated(providerId);
    }
}
