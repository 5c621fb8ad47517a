// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {JobMode} from "../types/JobMode.sol";
import {JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {DisputeStore} from "./DisputeStore.sol";

/// @title JobMarket
/// @notice The on-chain lane of one provider per job.
abstract contract JobMarket is IJobMarket, DisputeStore {
    /// @inheritdoc IJobMarket
    function postJob(Order calldata order) external nonReentrant returns (bytes32 jobId) {
        require(msg.sender == order.requester, NotRequester(order.requester, msg.sender));
        require(order.mode == JobMode.SIGNED, UnsupportedMode(order.mode));
        uint256 windows = uint256(order.execWindow) + order.disputeWindow;
        // A disputed result adds the seating and the reveal of its re-execution.
        if (order.coordinator != address(0)) windows += (SEATING_WINDOWS + 1) * order.execWindow;
        _enter(order, windows);
        jobId = _jobIdOf(order);
        _jobs[jobId] = JobWordLib.single(JobStatus.OPEN, 0, uint40(block.timestamp), 0);
        emit JobPosted(jobId, order.requester, order.modelId, order);
    }

    /// @inheritdoc IJobMarket
    function acceptJob(Order calldata order, uint32 providerId) external nonReentrant {
        (bytes32 jobId,) = _load(order, JobStatus.OPEN);
        _requireNotAfter(order.acceptBy);
        require(
            order.providerId == 0 || order.providerId == providerId, WrongProvider(providerId, order.providerId)
        );
        _requireOperator(providerId);
        _lockBond(providerId, order.bondWei);
        uint40 nowAt = uint40(block.timestamp);
        _jobs[jobId] = JobWordLib.single(JobStatus.ACTIVE, providerId, nowAt, 0);
        emit JobAccepted(jobId, providerId, nowAt + order.execWindow);
    }

    /// @inheritdoc IJobMarket
    function submitResult(Order calldata order, bytes32 outputHash) external nonReentrant {
        (bytes32 jobId, JobWord word) = _load(order, JobStatus.ACTIVE);
        uint32 providerId = word.providerId();
        _requireOperator(providerId);
        _requireNotAfter(word.since() + order.execWindow);
        _jobs[jobId] = JobWordLib.single(JobStatus.SUBMITTED, providerId, uint40(block.timestamp), outputHash);
        emit JobCompleted(jobId, providerId, outputHash);
    }

    /// @inheritdoc IJobMarket
    function finalizeJob(Order calldata order) external nonReentrant {
        (bytes32 jobId, JobWord word) = _load(order, JobStatus.SUBMITTED);
        _requireAfter(word.since() + order.disputeWindow);
        _finalize(order, jobId, word.providerId(), bytes32(uint256(word.outputTag()) << 88));
    }
}
