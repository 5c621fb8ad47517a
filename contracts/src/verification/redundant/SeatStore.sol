// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../../interfaces/ILedger.sol";
import {IJobMarket} from "../../interfaces/IJobMarket.sol";
import {IRedundantMode} from "../../interfaces/IRedundantMode.sol";
import {CalldataWords} from "../../libraries/CalldataWords.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {DisputeStore} from "../../market/DisputeStore.sol";
import {Assignment} from "../../types/Assignment.sol";
import {JobMode} from "../../types/JobMode.sol";
import {JobStatus, JobWord, JobWordLib} from "../../types/JobWord.sol";
import {Order} from "../../types/Order.sol";
import {SeatCommitLib} from "../../types/SeatCommit.sol";
import {SeatsDigest} from "./SeatsDigest.sol";

/// @title SeatStore
/// @notice What seats stored by themselves, and the checks that aggregated calls and fallbacks share.
abstract contract SeatStore is DisputeStore {
    using CalldataWords for uint32[];

    uint256 private constant MIN_SEATS = 3;
    uint256 private constant MAX_SEATS = 15;

    /// @dev A round being seated.
    struct Round {
        bytes32 jobId;
        bytes32 assignmentHash;
        uint40 since; // second at which the round began
        uint8 number;
        bool committing; // some seats committed by themselves already
    }

    // Commitments of seats that committed by themselves; deleted when the round is anchored.
    mapping(bytes32 jobId => mapping(uint32 providerId => bytes32 commitment)) internal _commitments;

    // Outputs of seats that were opened by themselves; deleted when the round is settled.
    mapping(bytes32 jobId => mapping(uint32 providerId => bytes32 outputHash)) internal _openings;

    /// @dev Checks that this assignment may seat this job now; the first call of round 0 also enters the order.
    function _beginRound(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig
    ) internal returns (Round memory round) {
        round.jobId = _jobIdOf(order);
        JobWord word = _jobs[round.jobId];
        uint8 status = word.status();
        round.committing = status == JobStatus.COMMITTING;
        round.number = round.committing ? word.round() : _roundAfter(round.jobId, status);
        if (round.committing) {
            round.assignmentHash = assignment.hashStruct();
            require(word.binds(round.assignmentHash), IRedundantMode.AssignmentMismatch(round.jobId));
        } else {
            _requireAssignment(order, round, assignment, assignmentSig);
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
        _requireRedundant(order, jobId, orderSig);
        // First reveal, then one reseating with its own reveal.
        _enter(order, (SEATING_WINDOWS + 2) * order.execWindow);
    }

    function _requireRedundant(Order calldata order, bytes32 jobId, bytes calldata orderSig) internal view {
        require(order.mode == JobMode.REDUNDANT, IJobMarket.UnsupportedMode(order.mode));
        require(order.providerId == 0, IJobMarket.WrongProvider(0, order.providerId));
        require(Signatures.isValid(order.requester, jobId, orderSig), ILedger.BadSignature(order.requester));
    }

    /// @dev Checks that an assignment is for this job and round and signed by the order's coordinator; keeps its hash.
    function _requireAssignment(
        Order calldata order,
        Round memory round,
        Assignment calldata assignment,
        bytes calldata assignmentSig
    ) internal view {
        require(assignment.jobId == round.jobId, IRedundantMode.WrongJob(assignment.jobId, round.jobId));
        require(assignment.round == round.number, IRedundantMode.WrongRound(assignment.round, round.number));
        round.assignmentHash = assignment.hashStruct();
        uint32[] calldata seats = assignment.seats;
        address signer = Signatures.recover(_digestOf(round.assignmentHash), assignmentSig);
        require(signer != address(0) && signer == order.coordinator, ILedger.BadSignature(order.coordinator));
        bool disputed = round.number == ROUND_DISPUTE;
        uint256 count = seats.length;
        uint256 want = disputed ? DISPUTE_SEATS : order.seats;
        require(
            count == want && count >= MIN_SEATS && count <= MAX_SEATS && count % 2 == 1, IRedundantMode.BadSeatCount(count, want)
        );
        uint32 accused = disputed ? _accusedOf(round.jobId) : 0;
        uint256 seen = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint32 seat = seats.requireClean(i);
            if (disputed) require(seat != accused, IRedundantMode.AccusedSeat(seat));
            // Equal ids share the low byte, so the pairs are compared only when a low byte repeats.
            uint256 bit = 1 << (seat & 0xff);
            if (seen & bit != 0) _requireNew(seats, i, seat);
            seen |= bit;
        }
    }

    /// @dev Replaces whatever the job was: its bonds are locked and its price is in escrow by now.
    function _setAnchored(bytes32 jobId, uint8 round, bytes32 digest) internal {
        _jobs[jobId] = JobWordLib.seated(JobStatus.ANCHORED, round, uint40(block.timestamp), digest);
    }

    function _loadAnchored(Order calldata order, uint32[] calldata ids, bytes32[] calldata commitments)
        internal
        view
        returns (bytes32 jobId, JobWord word)
    {
        (jobId, word) = _load(order, JobStatus.ANCHORED);
        require(word.binds(SeatsDigest.digestOf(ids, commitments)), IRedundantMode.SeatsMismatch(jobId));
    }

    function _roundAfter(bytes32 jobId, uint8 status) private pure returns (uint8) {
        if (status == JobStatus.NONE) return ROUND_FIRST;
        if (status == JobStatus.RESEATING) return ROUND_RESEAT;
        if (status == JobStatus.DISPUTED) return ROUND_DISPUTE;
        revert IJobMarket.BadState(jobId, status);
    }

    function _requireNew(uint32[] calldata seats, uint256 index, uint32 seat) private pure {
        for (uint256 i = 0; i < index; ++i) {
            require(seats.itemAt(i) != seat, IRedundantMode.DuplicateSeat(seat));
        }
    }

    function _requireOpening(
        bytes32 jobId,
        uint8 round,
        uint32 seat,
        bytes32 commitment,
        bytes32 output,
        bytes32 salt
    ) internal pure {
        require(
            output != 0 && SeatCommitLib.commitmentOf(jobId, round, seat, output, salt) == commitment,
            IRedundantMode.BadOpening(seat)
        );
    }
}
