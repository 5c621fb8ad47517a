// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobMarket} from "../../interfaces/IJobMarket.sol";
import {IRedundantMode} from "../../interfaces/IRedundantMode.sol";
import {CalldataWords} from "../../libraries/CalldataWords.sol";
import {Shares} from "../../libraries/Shares.sol";
import {SlashReason} from "../../staking/SlashReason.sol";
import {JobStatus, JobWord, JobWordLib} from "../../types/JobWord.sol";
import {Order} from "../../types/Order.sol";
import {Seating} from "./Seating.sol";

/// @title RedundantMode
/// @notice Second half of a round: opens the seats, finds the majority, pays, slashes, refunds or reseats.
abstract contract RedundantMode is Seating {
    using CalldataWords for uint32[];
    using CalldataWords for bytes32[];

    /// @dev What a round means for money. Amounts are DUCK wei.
    struct Outcome {
        bytes32 outputHash; // the majority's output, zero when there is none
        uint16 winnersMask;
        uint256 winners;
        uint96 toSeat; // earned by each winning seat
        uint96 toRequester;
        uint96 toBurn;
        uint256 silent; // mask of seats that committed and were not opened
        uint256 copied; // mask of seats that repeated another seat's commitment
    }

    /// @inheritdoc IRedundantMode
    function openSeats(
        Order calldata order,
        uint32[] calldata ids,
        bytes32[] calldata commitments,
        bytes32[] calldata outputs,
        bytes32[] calldata salts
    ) external nonReentrant {
        (bytes32 jobId, JobWord word) = _loadAnchored(order, ids, commitments);
        bytes32[] memory opened = _openAll(jobId, word, ids, commitments, outputs, salts);
        Outcome memory outcome = _majorityOf(opened);
        if (outcome.winners != opened.length) (outcome.silent, outcome.copied) = _unopened(opened, commitments);
        if (outcome.silent != 0) _requireAfter(word.since() + order.execWindow);
        emit RedundantClosed(jobId, word.round(), outcome.outputHash, outcome.winnersMask);
        _closeRound(order, jobId, word.round(), outcome);
        _settleSeats(order.bondWei, jobId, ids, opened, outcome);
        _credit(order.requester, outcome.toRequester);
        _burn(outcome.toBurn);
    }

    /// @dev Output of every seat, zero where unopened. The anchored digest fixed that ids and commitments are as many.
    function _openAll(
        bytes32 jobId,
        JobWord word,
        uint32[] calldata ids,
        bytes32[] calldata commitments,
        bytes32[] calldata outputs,
        bytes32[] calldata salts
    ) private returns (bytes32[] memory opened) {
        uint256 count = ids.length;
        require(outputs.length == count, BadLength(outputs.length, count));
        require(salts.length == count, BadLength(salts.length, count));
        opened = new bytes32[](count);
        uint8 round = word.round();
        for (uint256 i = 0; i < count; ++i) {
            bytes32 output = outputs.itemAt(i);
            bytes32 salt = salts.itemAt(i);
            if (output | salt == 0) continue;
            _requireOpening(jobId, round, ids.itemAt(i), commitments.itemAt(i), output, salt);
            opened[i] = output;
        }
        if (word.hasStoredOpenings()) _takeOpenings(jobId, ids, opened);
    }

    /// @dev Adds what was opened seat by seat, and frees its storage.
    function _takeOpenings(bytes32 jobId, uint32[] calldata ids, bytes32[] memory opened) private {
        for (uint256 i = 0; i < ids.length; ++i) {
            bytes32 stored = _openings[jobId][ids[i]];
            if (stored == 0) continue;
            opened[i] = stored;
            delete _openings[jobId][ids[i]];
        }
    }

    /// @dev Decides the job's state and the price. Bonds of the seats are settled by `_settleSeats`.
    function _closeRound(Order calldata order, bytes32 jobId, uint8 round, Outcome memory outcome) private {
        if (round == ROUND_DISPUTE) {
            if (outcome.winners == 0) {
                _closeUndecided(order, jobId);
            } else {
                (outcome.toSeat, outcome.toBurn) =
                    _closeDecided(order, jobId, outcome.outputHash, outcome.winners);
            }
        } else if (outcome.winners != 0) {
            _payWinners(order, jobId, outcome);
        } else if (round == ROUND_FIRST) {
            uint40 nowAt = uint40(block.timestamp);
            _jobs[jobId] = JobWordLib.seated(JobStatus.RESEATING, ROUND_RESEAT, nowAt, 0);
            emit JobReseating(jobId, _seatBy(order, ROUND_RESEAT, nowAt));
        } else {
            _close(jobId, JobStatus.REFUNDED, 0);
            outcome.toRequester = order.priceWei;
            emit IJobMarket.JobRefunded(jobId, order.priceWei);
        }
    }

    function _payWinners(Order calldata order, bytes32 jobId, Outcome memory outcome) private {
        _jobs[jobId] = JobWordLib.single(JobStatus.PAID, 0, uint40(block.timestamp), outcome.outputHash);
        uint96 priceWei = order.priceWei;
        uint96 share = priceWei / order.seats;
        // winners <= seats, so no product or difference leaves 0 .. priceWei.
        unchecked {
            uint96 paid = share * uint96(outcome.winners);
            outcome.toSeat = share;
            outcome.toRequester = priceWei - paid;
            emit IJobMarket.JobFinalized(jobId, 0, paid, priceWei - paid);
        }
    }

    /// @dev Pays winners, slashes seats that were wrong, copied or silent, releases the rest.
    function _settleSeats(
        uint96 bondWei,
        bytes32 jobId,
        uint32[] calldata ids,
        bytes32[] memory opened,
        Outcome memory outcome
    ) private {
        bytes32 majority = outcome.outputHash;
        uint96 toSeat = outcome.toSeat;
        for (uint256 i = 0; i < opened.length; ++i) {
            bytes32 output = opened[i];
            if (output == 0) {
                if (outcome.silent & (1 << i) != 0) {
                    _slashSeat(bondWei, jobId, ids.itemAt(i), SlashReason.SILENT, outcome);
                } else if (outcome.copied & (1 << i) != 0) {
                    _slashSeat(bondWei, jobId, ids.itemAt(i), SlashReason.COPIED, outcome);
                }
            } else if (output == majority) {
                _payProvider(ids.itemAt(i), bondWei, toSeat);
            } else if (majority == 0) {
                _unlockBond(ids.itemAt(i), bondWei);
            } else {
                _slashSeat(bondWei, jobId, ids.itemAt(i), SlashReason.MINORITY, outcome);
            }
        }
    }

    function _slashSeat(uint96 bondWei, bytes32 jobId, uint32 seat, uint8 reason, Outcome memory outcome) private {
        uint96 burned = Shares.burnedUp(bondWei);
        uint96 toRequester = bondWei - burned;
        outcome.toBurn += burned;
        outcome.toRequester += toRequester;
        _slash(seat, jobId, reason, bondWei, toRequester, 0);
    }

    /// @dev Seats that committed and are not opened, as bit masks. A commitment names its seat, so a seat whose
    ///      commitment equals that of an opened seat can never be opened: nobody waits for it.
    function _unopened(bytes32[] memory opened, bytes32[] calldata commitments)
        private
        pure
        returns (uint256 silent, uint256 copied)
    {
        uint256 count = opened.length;
        for (uint256 i = 0; i < count; ++i) {
            if (opened[i] != 0 || commitments[i] == 0) continue;
            uint256 j = 0;
            while (j < count && (opened[j] == 0 || commitments[j] != commitments[i])) ++j;
            if (j < count) copied |= 1 << i;
            else silent |= 1 << i;
        }
    }

    /// @dev Strict majority of the assigned seats, opened or not. A majority has a seat among the first half and one,
    ///      so only those are tried; when all agree the first try decides.
    function _majorityOf(bytes32[] memory opened) private pure returns (Outcome memory outcome) {
        uint256 count = opened.length;
        for (uint256 first = 0; first <= count / 2; ++first) {
            bytes32 candidate = opened[first];
            if (candidate == 0) continue;
            uint256 winners = 0;
            uint256 mask = 0;
            for (uint256 i = 0; i < count; ++i) {
                if (opened[i] != candidate) continue;
                unchecked {
                    ++winners;
                }
                mask |= 1 << i;
            }
            if (2 * winners <= count) continue;
            outcome.outputHash = candidate;
            outcome.winners = winners;
            outcome.winnersMask = uint16(mask);
            return outcome;
        }
    }
}
