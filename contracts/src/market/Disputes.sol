// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IDisputes} from "../interfaces/IDisputes.sol";
import {JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {DisputeStore} from "./DisputeStore.sol";

/// @title Disputes
/// @notice Bonded disputes of the on-chain lane. The re-execution itself is a round of seats like any other. Part of
///         DuckMeshJobs.
abstract contract Disputes is IDisputes, DisputeStore, Delegated {
    /// @inheritdoc IDisputes
    function disputeJob(Order calldata order, bytes32 claimedOutputHash) external delegated nonReentrant {
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

    /// @inheritdoc IDisputes
    function disputeOf(bytes32 jobId) external view returns (Dispute memory) {
        return _disputes[jobId];
    }
}
