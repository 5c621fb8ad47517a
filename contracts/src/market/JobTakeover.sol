// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {IJobTakeover} from "../interfaces/IJobTakeover.sol";
import {Shares} from "../libraries/Shares.sol";
import {SlashReason} from "../staking/SlashReason.sol";
import {JobFlag, JobStatus, JobWord} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {JobStore} from "./JobStore.sol";

/// @title JobTakeover
/// @notice A late job goes to another provider. Part of DuckMeshJobs.
abstract contract JobTakeover is IJobTakeover, JobStore, Delegated {
    /// @inheritdoc IJobTakeover
    function takeOverJob(Order calldata order, uint32 providerId) external delegated nonReentrant {
        (bytes32 jobId, JobWord word) = _load(order, JobStatus.ACTIVE);
        uint40 dueAt = word.dueAt();
        _requireAfter(dueAt);
        _requireNotAfter(dueAt + order.execWindow);
        uint32 late = word.providerId();
        require(!word.hasFlag(JobFlag.TAKEN_OVER), TakenOverAlready(jobId, late));
        require(!_isUnverifiable(order, word), VerifierGone(jobId, bytes4(order.policy)));
        require(order.providerId == 0, IJobMarket.WrongProvider(providerId, order.providerId));
        require(providerId != late, IJobMarket.WrongProvider(providerId, 0));
        uint96 burned = Shares.burnedUp(order.bondWei);
        uint96 toTaker = (order.bondWei - burned) / 2;
        uint96 toRequester = order.bondWei - burned - toTaker;
        _slash(late, jobId, SlashReason.LATE, order.bondWei, toRequester, toTaker);
        emit JobTakenOver(jobId, late, providerId, toTaker);
        _activate(order, jobId, providerId, JobFlag.TAKEN_OVER);
        _earn(providerId, toTaker);
        _credit(order.requester, toRequester);
        _burn(burned);
    }
}
