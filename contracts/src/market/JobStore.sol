// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IMeshAgentVerifier} from "../interfaces/IMeshAgentVerifier.sol";
import {IMeshTerms} from "../interfaces/IMeshTerms.sol";
import {Shares} from "../libraries/Shares.sol";
import {ProviderStore} from "../staking/ProviderStore.sol";
import {JobMode} from "../types/JobMode.sol";
import {JobFlag, JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";

/// @title JobStore
/// @notice The one word per job, its deadlines, and the payment that ends it. Shared by all lanes.
abstract contract JobStore is ProviderStore {
    using JobMode for uint8;

    /// @dev Rounds of seats.
    uint8 internal constant ROUND_FIRST = 0;
    uint8 internal constant ROUND_RESEAT = 1;
    uint8 internal constant ROUND_DISPUTE = 2;
    /// @dev A reseating or a re-execution has to be drawn, run and anchored within this many execution windows.
    uint256 internal constant SEATING_WINDOWS = 2;

    /// @dev Zero when the modes that need it are not served.
    IMeshAgentVerifier internal immutable _agentVerifier;

    mapping(bytes32 jobId => JobWord) internal _jobs;

    constructor(IMeshAgentVerifier agentVerifier_) {
        // Late jobs ask the router: one that does not answer would keep their money for ever. Selector 0 is never in use.
        require(
            address(agentVerifier_) == address(0) || !agentVerifier_.router().isActive(0),
            ILedger.OutOfBounds("agentVerifier", uint160(address(agentVerifier_)))
        );
        _agentVerifier = agentVerifier_;
    }

    function _jobIdOf(Order calldata order) internal view returns (bytes32) {
        return _digestOf(order.hashStruct());
    }

    /// @dev Loads a job that must be in `status`.
    function _load(Order calldata order, uint8 status) internal view returns (bytes32 jobId, JobWord word) {
        jobId = _jobIdOf(order);
        word = _jobs[jobId];
        require(word.status() == status, IJobMarket.BadState(jobId, word.status()));
    }

    /// @dev Checks an order against its deadlines and the terms, takes its nonce and its price.
    /// @param windowsSeconds sum of all windows after acceptBy in the longest course the job can take
    function _enter(Order calldata order, uint256 windowsSeconds) internal {
        uint40 acceptBy = order.acceptBy;
        _requireNotAfter(acceptBy);
        uint256 life = acceptBy - block.timestamp + windowsSeconds;
        CurrentTerms storage terms = _terms;
        uint256 maxSeconds = terms.maxJobLifeSeconds;
        require(life <= maxSeconds, IJobMarket.LifeTooLong(life, maxSeconds));
        uint256 minBondWei = uint256(order.priceWei) * terms.minBondBps / Shares.BPS;
        require(order.bondWei >= minBondWei, IMeshTerms.BondTooLow(order.bondWei, uint96(minBondWei)));
        _useNonce(order.requester, order.nonce);
        _debit(order.requester, order.priceWei);
    }

    /// @dev Last second to seat a round that began at `since`.
    function _seatBy(Order calldata order, uint8 round, uint40 since) internal pure returns (uint40) {
        return round == ROUND_FIRST ? order.acceptBy : uint40(since + SEATING_WINDOWS * order.execWindow);
    }

    /// @dev Gives an open or late job to a provider.
    function _activate(Order calldata order, bytes32 jobId, uint32 providerId, uint8 flags) internal {
        _requireOperator(providerId);
        _lockBond(providerId, order.bondWei);
        if (order.mode.needsProof()) flags |= JobFlag.PROOF_ONLY;
        uint40 nowAt = uint40(block.timestamp);
        uint40 dueAt = nowAt + order.execWindow;
        _jobs[jobId] = JobWordLib.active(providerId, nowAt, dueAt, flags);
        emit IJobMarket.JobAccepted(jobId, providerId, dueAt);
    }

    /// @dev Ends a job of the on-chain lane in favour of its provider.
    function _finalize(Order calldata order, bytes32 jobId, uint32 providerId, bytes32 outputHash) internal {
        _jobs[jobId] = JobWordLib.single(JobStatus.PAID, providerId, uint40(block.timestamp), outputHash);
        _payProvider(providerId, order.bondWei, order.priceWei);
        emit IJobMarket.JobFinalized(jobId, providerId, order.priceWei, 0);
    }

    /// @dev True when only a proof delivers this Active job, and its verifier was taken out of service.
    function _isUnverifiable(Order calldata order, JobWord word) internal view returns (bool) {
        return word.hasFlag(JobFlag.PROOF_ONLY) && !_agentVerifier.router().isActive(bytes4(order.policy));
    }

    /// @dev Ends a job without a result.
    function _close(bytes32 jobId, uint8 status, uint32 providerId) internal {
        _jobs[jobId] = JobWordLib.single(status, providerId, uint40(block.timestamp), 0);
    }

    function _requireNotAfter(uint40 deadline) internal view {
        require(block.timestamp <= deadline, ILedger.Expired(deadline));
    }

    function _requireAfter(uint40 deadline) internal view {
        require(block.timestamp > deadline, ILedger.TooEarly(deadline));
    }
}
