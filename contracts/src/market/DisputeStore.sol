// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDisputes} from "../interfaces/IDisputes.sol";
import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {Shares} from "../libraries/Shares.sol";
import {SlashReason} from "../staking/SlashReason.sol";
import {JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {JobStore} from "./JobStore.sol";

/// @title DisputeStore
/// @notice Running disputes of the on-chain lane, and how they end.
/// @dev While seats are bound, their word replaces the submitted one; what it said is kept in the dispute.
abstract contract DisputeStore is JobStore {
    /// @dev Seats of a re-execution.
    uint256 internal constant DISPUTE_SEATS = 3;

    mapping(bytes32 jobId => IDisputes.Dispute) internal _disputes;

    /// @dev Ends a dispute that found no majority: nobody is shown wrong, so the submitted result stands.
    function _closeUndecided(Order calldata order, bytes32 jobId) internal {
        IDisputes.Dispute memory dispute = _takeDispute(jobId);
        _credit(dispute.challenger, order.bondWei);
        emit IDisputes.DisputeResolved(jobId, false);
        _finalize(order, jobId, dispute.providerId, _hashOf(dispute.outputTag));
    }

    /// @dev Ends a dispute by the majority's output. The loser's bond: half burned, the rest to the winning seats.
    /// @return toSeatWei what each winning seat earns
    /// @return burnedWei left for the caller to burn, with the dust of the division
    function _closeDecided(Order calldata order, bytes32 jobId, bytes32 outputHash, uint256 winners)
        internal
        returns (uint96 toSeatWei, uint96 burnedWei)
    {
        IDisputes.Dispute memory dispute = _takeDispute(jobId);
        toSeatWei = uint96((order.bondWei - Shares.burnedUp(order.bondWei)) / winners);
        uint96 toSeats = uint96(toSeatWei * winners);
        burnedWei = order.bondWei - toSeats;
        bool upheld = JobWordLib.outputTagOf(outputHash) != dispute.outputTag;
        emit IDisputes.DisputeResolved(jobId, upheld);
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
        emit IJobMarket.JobRefunded(jobId, order.priceWei);
    }

    function _accusedOf(bytes32 jobId) internal view returns (uint32) {
        return _disputes[jobId].providerId;
    }

    function _takeDispute(bytes32 jobId) private returns (IDisputes.Dispute memory dispute) {
        dispute = _disputes[jobId];
        delete _disputes[jobId];
    }

    /// @dev The hash of which the tag is the high part; the low part is lost and zero.
    function _hashOf(uint168 outputTag) private pure returns (bytes32) {
        return bytes32(uint256(outputTag) << 88);
    }
}
