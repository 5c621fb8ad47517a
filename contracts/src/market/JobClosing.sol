// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IJobClosing} from "../interfaces/IJobClosing.sol";
import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {Shares} from "../libraries/Shares.sol";
import {SlashReason} from "../staking/SlashReason.sol";
import {JobFlag, JobStatus, JobWord} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {DisputeStore} from "./DisputeStore.sol";

/// @title JobClosing
/// @notice Cancelled and expired jobs, and what is stored of any job. Part of DuckMeshJobs.
abstract contract JobClosing is IJobClosing, DisputeStore, Delegated {
    /// @inheritdoc IJobClosing
    function cancelJob(Order calldata order) external delegated nonReentrant {
        require(msg.sender == order.requester, IJobMarket.NotRequester(order.requester, msg.sender));
        (bytes32 jobId,) = _load(order, JobStatus.OPEN);
        _close(jobId, JobStatus.REFUNDED, 0);
        _credit(order.requester, order.priceWei);
        emit IJobMarket.JobRefunded(jobId, order.priceWei);
    }

    /// @inheritdoc IJobClosing
    function expireJob(Order calldata order) external delegated nonReentrant {
        bytes32 jobId = _jobIdOf(order);
        JobWord word = _jobs[jobId];
        uint8 status = word.status();
        if (status == JobStatus.OPEN) {
            _requireAfter(order.acceptBy);
            _close(jobId, JobStatus.REFUNDED, 0);
        } else if (status == JobStatus.ACTIVE) {
            _requireAfter(word.dueAt());
            if (_isUnverifiable(order, word)) _closeUnverifiable(order, jobId, word.providerId());
            else _failLate(order, jobId, word.providerId());
            return;
        } else if (status == JobStatus.RESEATING) {
            _requireAfter(_seatBy(order, ROUND_RESEAT, word.since()));
            _close(jobId, JobStatus.REFUNDED, 0);
        } else if (status == JobStatus.DISPUTED) {
            _requireAfter(_seatBy(order, ROUND_DISPUTE, word.since()));
            _closeUndecided(order, jobId);
            return;
        } else {
            revert IJobMarket.BadState(jobId, status);
        }
        _credit(order.requester, order.priceWei);
        emit IJobMarket.JobExpired(jobId, order.priceWei);
    }

    /// @inheritdoc IJobClosing
    function jobIdOf(Order calldata order) external view returns (bytes32) {
        return _jobIdOf(order);
    }

    /// @inheritdoc IJobClosing
    function jobOf(bytes32 jobId) external view returns (Job memory) {
        JobWord word = _jobs[jobId];
        uint8 status = word.status();
        bool seated = status >= JobStatus.DISPUTED && status <= JobStatus.RESEATING;
        return Job({
            status: status,
            round: seated ? word.round() : 0,
            takenOver: status == JobStatus.ACTIVE && word.hasFlag(JobFlag.TAKEN_OVER),
            providerId: seated ? 0 : word.providerId(),
            at: word.since(),
            tag: seated ? word.payload() : word.outputTag()
        });
    }

    /// @dev A provider cannot bring a proof that nobody checks any more; it is not late. Whoever takes over could not
    ///      either, so such a job cannot be taken over.
    function _closeUnverifiable(Order calldata order, bytes32 jobId, uint32 providerId) private {
        // No provider in the word: a refund that names one is a dispute that it lost, see JobVerdict.
        _close(jobId, JobStatus.REFUNDED, 0);
        _unlockBond(providerId, order.bondWei);
        _credit(order.requester, order.priceWei);
        emit IJobMarket.JobExpired(jobId, order.priceWei);
    }

    function _failLate(Order calldata order, bytes32 jobId, uint32 providerId) private {
        _close(jobId, JobStatus.FAILED, providerId);
        uint96 burned = Shares.burnedUp(order.bondWei);
        uint96 toRequester = order.bondWei - burned;
        _slash(providerId, jobId, SlashReason.LATE, order.bondWei, toRequester, 0);
        _credit(order.requester, order.priceWei + toRequester);
        emit IJobMarket.JobExpired(jobId, order.priceWei);
        _burn(burned);
    }
}
