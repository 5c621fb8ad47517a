// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {Shares} from "../libraries/Shares.sol";
import {ProviderStore} from "../staking/ProviderStore.sol";
import {JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";

/// @title JobStore
/// @notice The one word per job, its deadlines, and the payment that ends it. Shared by all lanes.
abstract contract JobStore is ProviderStore {
    /// @dev Rounds of seats.
    uint8 internal constant ROUND_FIRST = 0;
    uint8 internal constant ROUND_RESEAT = 1;
    uint8 internal constant ROUND_DISPUTE = 2;
    /// @dev A reseating or a re-execution has to be drawn, run and anchored within this many execution windows.
    uint256 internal constant SEATING_WINDOWS = 2;

    /// @dev Protocol fee on what providers earn, in 1/10,000.
    uint16 internal immutable feeBps;
    /// @dev Longest time in seconds between entering an order and its last deadline.
    uint32 internal immutable maxJobLifeSeconds;
    /// @dev Ledger account that receives the fee.
    address internal immutable treasury;

    mapping(bytes32 jobId => JobWord) internal _jobs;

    constructor(address treasury_, uint16 feeBps_, uint32 maxJobLifeSeconds_) {
        require(treasury_ != address(0), ILedger.OutOfBounds("treasury", 0));
        require(feeBps_ <= 1000, ILedger.OutOfBounds("feeBps", feeBps_));
        require(
            maxJobLifeSeconds_ >= 1 minutes && maxJobLifeSeconds_ <= 90 days,
            ILedger.OutOfBounds("maxJobLifeSeconds", maxJobLifeSeconds_)
        );
        require(unbondSeconds / 2 >= maxJobLifeSeconds_, ILedger.OutOfBounds("unbondSeconds", unbondSeconds));
        treasury = treasury_;
        feeBps = feeBps_;
        maxJobLifeSeconds = maxJobLifeSeconds_;
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

    /// @dev Checks the deadlines of an order, takes its nonce and its price.
    /// @param windowsSeconds sum of all windows after acceptBy in the longest course the job can take
    function _enter(Order calldata order, uint256 windowsSeconds) internal {
        uint40 acceptBy = order.acceptBy;
        _requireNotAfter(acceptBy);
        uint256 life = acceptBy - block.timestamp + windowsSeconds;
        require(life <= maxJobLifeSeconds, IJobMarket.LifeTooLong(life, maxJobLifeSeconds));
        _useNonce(order.requester, order.nonce);
        _debit(order.requester, order.priceWei);
    }

    /// @dev Last second to seat a round that began at `since`.
    function _seatBy(Order calldata order, uint8 round, uint40 since) internal pure returns (uint40) {
        return round == ROUND_FIRST ? order.acceptBy : uint40(since + SEATING_WINDOWS * order.execWindow);
    }

    /// @dev Divides what was debited before between provider and treasury.
    function _payGross(uint32 providerId, uint96 grossWei) internal returns (uint96 paidWei, uint96 feeWei) {
        feeWei = Shares.feeDown(grossWei, feeBps);
        paidWei = grossWei - feeWei;
        _earn(providerId, paidWei);
        _credit(treasury, feeWei);
    }

    /// @dev Ends a job of the on-chain lane in favour of its provider.
    function _finalize(Order calldata order, bytes32 jobId, uint32 providerId, bytes32 outputHash) internal {
        _jobs[jobId] = JobWordLib.single(JobStatus.PAID, providerId, uint40(block.timestamp), outputHash);
        uint96 fee = Shares.feeDown(order.priceWei, feeBps);
        uint96 paid = order.priceWei - fee;
        _payProvider(providerId, order.bondWei, paid);
        _credit(treasury, fee);
        emit IJobMarket.JobFinalized(jobId, providerId, paid, fee, 0);
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
