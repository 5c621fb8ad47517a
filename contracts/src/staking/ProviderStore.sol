// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {TermsStore} from "../governance/TermsStore.sol";
import {Shares} from "../libraries/Shares.sol";
import {EarnedWord} from "../types/EarnedWord.sol";
import {HeldWord} from "../types/HeldWord.sol";

/// @title ProviderStore
/// @notice Records of the providers, the bonds locked in their stake, and what they earn.
/// @dev Every bond of a job was locked inside the active stake first, and locked stake cannot start to leave. So the
///      slash of a bond always finds it, and never has to chase stake that is unstaking.
abstract contract ProviderStore is TermsStore {
    /// @dev Four slots, arranged by who touches them: taking a job touches slot 0 only, being paid slots 0 and 1.
    struct Record {
        HeldWord unlocked; // slot 0: signing key | stakedWei minus the bonds of open jobs
        EarnedWord earned; // slot 1: owner | terms | earnings, of which the fee is not taken yet
        uint96 stakedWei; // slot 2: locked bonds included
        uint96 unstakingWei;
        uint40 unstakeAt;
        uint16 keyEpoch;
        uint40 registeredAt; // slot 3
        uint40 lastSeen;
    }

    /// @dev Says in place of a time that the key was slashed for the whole minimum stake: once is all.
    uint40 internal constant LIABILITY_SPENT = 1;
    /// @dev Says in place of a time that the key is burnt and still owes a part: no time ends that.
    uint40 internal constant LIABILITY_OPEN = type(uint40).max;
    /// @dev Stands where a burnt key was. It is the address of a precompile, for which nobody can sign or call.
    address internal constant BURNT_KEY = address(1);

    /// @dev Below this stake a provider takes no new jobs.
    uint96 internal immutable minStakeWei;
    /// @dev Seconds between startUnstake and finishUnstake.
    uint32 internal immutable unbondSeconds;

    mapping(uint32 providerId => Record) internal _providers;
    mapping(address owner => uint32 providerId) internal _idByOwner;
    mapping(address signingKey => uint32 providerId) internal _idByKey;
    uint32 internal _count;
    // Replaced keys answer for what they signed as long as unstaking takes; see LIABILITY_SPENT.
    mapping(uint32 providerId => mapping(address key => uint40 until)) internal _liableUntil;
    // What a burnt key was slashed for so far; less than the minimum stake where jobs had locked the rest.
    mapping(uint32 providerId => mapping(address key => uint96 paidWei)) internal _paidByKey;

    constructor(uint96 minStakeWei_, uint32 unbondSeconds_) {
        require(unbondSeconds_ / 2 >= maxJobLifeSeconds, ILedger.OutOfBounds("unbondSeconds", unbondSeconds_));
        require(minStakeWei_ != 0 && minStakeWei_ <= duck.totalSupply(), ILedger.OutOfBounds("minStakeWei", minStakeWei_));
        require(unbondSeconds_ <= 365 days, ILedger.OutOfBounds("unbondSeconds", unbondSeconds_));
        minStakeWei = minStakeWei_;
        unbondSeconds = unbondSeconds_;
    }

    /// @dev Locks a bond in the stake of an active provider.
    /// @return signingKey of the provider, never zero
    function _lockBond(uint32 providerId, uint96 bondWei) internal returns (address signingKey) {
        Record storage record = _providers[providerId];
        HeldWord word = record.unlocked;
        uint96 unlocked = word.amountWei();
        // The unlocked part alone usually shows that the whole stake suffices, which saves reading it.
        require(unlocked >= minStakeWei || record.stakedWei >= minStakeWei, IProviderRegistry.ProviderInactive(providerId));
        require(unlocked >= bondWei, IProviderRegistry.InsufficientStake(providerId, unlocked, bondWei));
        record.unlocked = word.minus(bondWei);
        return word.holder();
    }

    /// @dev Signing key of a provider that may take new jobs, never zero.
    function _activeKeyOf(uint32 providerId) internal view returns (address) {
        Record storage record = _providers[providerId];
        HeldWord word = record.unlocked;
        require(
            word.amountWei() >= minStakeWei || record.stakedWei >= minStakeWei,
            IProviderRegistry.ProviderInactive(providerId)
        );
        return word.holder();
    }

    /// @dev Signing key of an active provider whose unlocked stake covers a bond, never zero. Locks nothing.
    function _bondedKeyOf(uint32 providerId, uint96 bondWei) internal view returns (address signingKey) {
        signingKey = _activeKeyOf(providerId);
        uint96 unlocked = _providers[providerId].unlocked.amountWei();
        require(unlocked >= bondWei, IProviderRegistry.InsufficientStake(providerId, unlocked, bondWei));
    }

    function _unlockBond(uint32 providerId, uint96 bondWei) internal {
        Record storage record = _providers[providerId];
        record.unlocked = record.unlocked.plus(bondWei);
    }

    /// @dev Unlocks a bond and credits the owner.
    function _payProvider(uint32 providerId, uint96 bondWei, uint96 earnedWei) internal {
        Record storage record = _providers[providerId];
        record.unlocked = record.unlocked.plus(bondWei);
        record.earned = record.earned.plus(earnedWei);
    }

    /// @dev Credits the owner.
    function _earn(uint32 providerId, uint96 earnedWei) internal {
        Record storage record = _providers[providerId];
        record.earned = record.earned.plus(earnedWei);
    }

    /// @dev Takes a locked bond out of the stake. The caller credits `toRequester` and `toSeats` and burns the rest.
    function _slash(uint32 providerId, bytes32 jobId, uint8 reason, uint96 bondWei, uint96 toRequester, uint96 toSeats)
        internal
    {
        _providers[providerId].stakedWei -= bondWei;
        _emitSlash(providerId, jobId, reason, bondWei, toRequester, toSeats);
    }

    /// @dev Takes up to `wantWei` of stake that no job has locked, first of the active stake, then of what is leaving.
    function _takeFreeStake(uint32 providerId, uint96 wantWei) internal returns (uint96 takenWei) {
        Record storage record = _providers[providerId];
        uint96 unlocked = record.unlocked.amountWei();
        takenWei = unlocked < wantWei ? unlocked : wantWei;
        record.unlocked = record.unlocked.minus(takenWei);
        record.stakedWei -= takenWei;
        uint96 unstaking = record.unstakingWei;
        uint96 missing = wantWei - takenWei;
        uint96 fromExit = unstaking < missing ? unstaking : missing;
        if (fromExit == 0) return takenWei;
        record.unstakingWei = unstaking - fromExit;
        if (fromExit == unstaking) record.unstakeAt = 0;
        takenWei += fromExit;
    }

    function _emitSlash(
        uint32 providerId,
        bytes32 jobId,
        uint8 reason,
        uint96 bondWei,
        uint96 toRequester,
        uint96 toSeats
    ) internal {
        emit IProviderRegistry.ProviderSlashed(providerId, jobId, reason, toRequester, toSeats, bondWei - toRequester - toSeats);
    }

    /// @dev Earnings sit beside the owner in its provider's record: one slot to pay, and never a fresh one.
    function _earnedOf(address account) internal view override returns (uint96) {
        EarnedWord word = _providers[_idByOwner[account]].earned;
        uint96 grossWei = word.grossWei();
        return grossWei == 0 ? 0 : grossWei - Shares.feeDown(grossWei, _feeBps[word.version()]);
    }

    function _takeEarned(address account) internal override returns (uint96 netWei) {
        (netWei,) = _moveEarned(account);
    }

    /// @dev Empties the earnings of an owner and credits their fee to the treasury; the caller moves the rest.
    function _moveEarned(address owner) internal returns (uint96 netWei, uint96 feeWei) {
        Record storage record = _providers[_idByOwner[owner]];
        EarnedWord word = record.earned;
        uint96 grossWei = word.grossWei();
        if (grossWei == 0) return (0, 0);
        record.earned = word.emptied();
        feeWei = Shares.feeDown(grossWei, _feeBps[word.version()]);
        _credit(_treasury, feeWei);
        netWei = grossWei - feeWei;
    }

    function _requireOperator(uint32 providerId) internal view {
        Record storage record = _providers[providerId];
        bool operates = msg.sender == record.unlocked.holder() || msg.sender == record.earned.owner();
        require(operates, IProviderRegistry.NotProvider(providerId, msg.sender));
    }
}
