// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {JobMode} from "../types/JobMode.sol";
import {JobFlag, JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {DisputeStore} from "./DisputeStore.sol";

/// @title JobMarket
/// @notice The on-chain lane of one provider per job.
abstract contract JobMarket is IJobMarket, DisputeStore {
    using JobMode for uint8;

    /// @dev A late provider's window, one to be taken over in, and that of who takes over.
    uint256 private constant WORK_WINDOWS = 3;

    /// @inheritdoc IJobMarket
    function postJob(Order calldata order) external nonReentrant returns (bytes32 jobId) {
        require(msg.sender == order.requester, NotRequester(order.requester, msg.sender));
        uint8 mode = order.mode;
        bool served = mode == JobMode.SIGNED || (mode.isVerified() && address(_agentVerifier) != address(0));
        require(served, UnsupportedMode(mode));
        _requireNotFrozen();
        uint256 windows = WORK_WINDOWS * order.execWindow + order.disputeWindow;
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
        _activate(order, jobId, providerId, 0);
    }

    /// @inheritdoc IJobMarket
    function submitResult(bytes32 jobId, bytes32 outputHash) external nonReentrant {
        JobWord word = _jobs[jobId];
        require(word.status() == JobStatus.ACTIVE, BadState(jobId, word.status()));
        require(!word.hasFlag(JobFlag.PROOF_ONLY), ProofRequired(jobId));
        uint32 providerId = word.providerId();
        _requireOperator(providerId);
        _requireNotAfter(word.dueAt());
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
