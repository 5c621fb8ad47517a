// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {Shares} from "../libraries/Shares.sol";
import {SlashReason} from "../staking/SlashReason.sol";
import {JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {JobStore} from "./JobStore.sol";

/// @title Disputes
/// @notice Bonded disputes of the on-chain lane. The re-execution itself is a round of seats like any other.
/// @dev While seats are bound, their word replaces the submitted one; what it said is kept in the dispute.
abstract contract Disputes is JobStore {
    /// @dev Seats of a re-execution.
    uint256 internal constant DISPUTE_SEATS = 3;

    mapping(bytes32 jobId => Dispute) private _disputes;

    /// @inheritdoc IJobMarket
    function disputeJob(Order calldata order, bytes32 claimedOutputHash) external nonReentrant {
        (bytes32 jobId, JobWord word) = _load(order, JobStatus.SUBMITTED);
        require(order.coordinator != address(0), NoCoordinator(jobId));
        require(order.bondWei != 0, NoBond(jobId));
        require(JobWordLib.outputTagOf(claimedOutputHash) != word.outputTag(), SameOutput(claimedOutputHash));
        _requireNotAfter(word.since() + order.disputeWindow);
        _debit(msg.sender, order.bondWei);
        _disputes[jobId] = Dispute(msg.sender, word.providerId(), word.outputTag());
        uint40 nowAt = uint40(block.timestamp);
        _jobs[jobId] = JobWordLib.seated(JobStatus.DISPUTED, ROUND_DISPUTE, nowAt, 0);
        emit JobDisputed(jobId, msg.sender, order.bondWei, claimedOutputHash, _seatBy(order, ROUND_DISPUTE, nowAt));
    }

    /// @inheritdoc IJobMarket
    function disputeOf(bytes32 jobId) external view returns (Dispute memory) {
        return _disputes[jobId];
    }

    /// @dev Ends a dispute that found no majority: nobody is shown wrong, so the submitted result stands.
    function _closeUndecided(Order calldata order, bytes32 jobId) internal {
        Dispute memory dispute = _takeDispute(jobId);
        _credit(dispute.challenger, order.bondWei);
        emit DisputeResolved(jobId, false);
        _finalize(order, jobId, dispute.providerId, _hashOf(dispute.outputTag));
    }

    /// @dev Ends a dispute by the majority's output. The loser's bond: half burned, the rest to the winning seats.
    /// @return toSeatWei what each winning seat earns
    /// @return burnedWei left for the caller to burn, with the dust of the division
    function _closeDecided(Order calldata order, bytes32 jobId, bytes32 outputHash, uint256 winners)
        internal
        returns (uint96 toSeatWei, uint96 burnedWei)
    {
        Dispute memory dispute = _takeDispute(jobId);
        toSeatWei = uint96((order.bondWei - Shares.burnedUp(order.bondWei)) / winners);
        uint96 toSeats = uint96(toSeatWei * winners);
        burnedWei = order.bondWei - toSeats;
        bool upheld = JobWordLib.outputTagOf(outputHash) != dispute.outputTag;
        emit DisputeResolved(jobId, upheld);
        if (!upheld) {
            _finalize(order, jobId, dispute.providerId, outputHash);
            return (toSeatWei, burnedWei);
        }
        _jobs[jobId] = JobWordLib.single(
            JobStatus.REFUNDED, dispute.providerId, uint40(block.timestamp), _hashOf(dispute.outputTag)
        );
        _slash(dispute.providerId, jobId, SlashReason.DISPUTE_LOST, order.bondWei, 0, toSeats);
        _credit(dispute.challenger, order.bondWei);
        _credit(order.requester, order.priceWei);
        emit JobRefunded(jobId, order.priceWei);
    }

    function _accusedOf(bytes32 jobId) internal view returns (uint32) {
        return _disputes[jobId].providerId;
    }

    function _takeDispute(bytes32 jobId) private returns (Dispute memory dispute) {
        dispute = _disputes[jobId];
        delete _disputes[jobId];
    }

    /// @dev The hash of which the tag is the high part; the low part is lost and zero.
    function _hashOf(uint168 outputTag) private pure returns (bytes32) {
        return bytes32(uint256(outputTag) << 88);
    }
}
