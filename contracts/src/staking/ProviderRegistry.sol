// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Ledger} from "../ledger/Ledger.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {HeldWord, HeldWordLib} from "../types/HeldWord.sol";
import {KeyRotation} from "../types/KeyRotation.sol";

/// @title ProviderRegistry
/// @notice Providers, their keys, their stake and the bonds locked in it.
/// @dev Every slashable amount is a bond that was locked inside the active stake first, and locked stake cannot start
///      to leave. So a slash always finds its bond, and never has to chase stake that is unstaking.
abstract contract ProviderRegistry is IProviderRegistry, Ledger {
    /// @dev Four slots, arranged by who touches them: taking a job touches slot 0 only, being paid slots 0 and 1.
    struct Record {
        HeldWord unlocked; // slot 0: signing key | stakedWei minus the bonds of open jobs
        HeldWord earned; // slot 1: owner | part of the owner's free balance
        uint96 stakedWei; // slot 2: locked bonds included
        uint96 unstakingWei;
        uint40 unstakeAt;
        uint16 keyEpoch;
        uint40 registeredAt; // slot 3
        uint40 lastSeen;
    }

    /// @dev Below this stake a provider takes no new jobs.
    uint96 internal immutable minStakeWei;
    /// @dev Seconds between startUnstake and finishUnstake.
    uint32 internal immutable unbondSeconds;

    mapping(uint32 providerId => Record) private _providers;
    mapping(address owner => uint32 providerId) private _idByOwner;
    mapping(address signingKey => uint32 providerId) private _idByKey;
    uint32 private _count;

    modifier onlyOwner(uint32 providerId) {
        _requireOwner(providerId);
        _;
    }

    constructor(uint96 minStakeWei_, uint32 unbondSeconds_) {
        require(minStakeWei_ != 0 && minStakeWei_ <= token.totalSupply(), OutOfBounds("minStakeWei", minStakeWei_));
        require(unbondSeconds_ <= 365 days, OutOfBounds("unbondSeconds", unbondSeconds_));
        minStakeWei = minStakeWei_;
        unbondSeconds = unbondSeconds_;
    }

    /// @inheritdoc IProviderRegistry
    function registerProvider(address signingKey, bytes32 profileHash, string calldata endpoint, uint96 stakeWei)
        external
        nonReentrant
        returns (uint32 providerId)
    {
        require(_idByOwner[msg.sender] == 0, AlreadyRegistered(msg.sender, _idByOwner[msg.sender]));
        require(stakeWei >= minStakeWei, StakeBelowMinimum(stakeWei, minStakeWei));
        _debit(msg.sender, stakeWei);
        providerId = ++_count;
        _idByOwner[msg.sender] = providerId;
        _takeKey(signingKey, providerId);
        Record storage record = _providers[providerId];
        record.unlocked = HeldWordLib.pack(signingKey, stakeWei);
        record.earned = HeldWordLib.pack(msg.sender, 0);
        record.stakedWei = stakeWei;
        record.registeredAt = uint40(block.timestamp);
        record.lastSeen = uint40(block.timestamp);
        emit ProviderRegistered(providerId, msg.sender, signingKey, profileHash, endpoint);
        emit StakeAdded(providerId, stakeWei);
    }

    /// @inheritdoc IProviderRegistry
    function stake(uint32 providerId, uint96 amountWei) external nonReentrant onlyOwner(providerId) {
        _debit(msg.sender, _positive(amountWei));
        _addStake(providerId, amountWei);
        emit StakeAdded(providerId, amountWei);
    }

    /// @inheritdoc IProviderRegistry
    function startUnstake(uint32 providerId, uint96 amountWei) external nonReentrant onlyOwner(providerId) {
        Record storage record = _providers[providerId];
        uint96 unlocked = record.unlocked.amountWei();
        require(_positive(amountWei) <= unlocked, InsufficientStake(providerId, unlocked, amountWei));
        record.unlocked = record.unlocked.minus(amountWei);
        record.stakedWei -= amountWei;
        uint40 unstakeAt = uint40(block.timestamp + unbondSeconds);
        record.unstakingWei += amountWei;
        record.unstakeAt = unstakeAt;
        emit UnstakeStarted(providerId, amountWei, unstakeAt);
    }

    /// @inheritdoc IProviderRegistry
    function cancelUnstake(uint32 providerId) external nonReentrant onlyOwner(providerId) {
        uint96 amountWei = _takeUnstaking(providerId);
        _addStake(providerId, amountWei);
        emit UnstakeCancelled(providerId, amountWei);
    }

    /// @inheritdoc IProviderRegistry
    function finishUnstake(uint32 providerId, address to) external nonReentrant onlyOwner(providerId) {
        uint40 unstakeAt = _providers[providerId].unstakeAt;
        uint96 amountWei = _takeUnstaking(providerId);
        require(block.timestamp >= unstakeAt, TooEarly(unstakeAt - 1));
        emit UnstakeFinished(providerId, to, amountWei);
        _send(to, amountWei);
    }

    /// @inheritdoc IProviderRegistry
    function rotateKey(uint32 providerId, address newKey, bytes calldata proof)
        external
        nonReentrant
        onlyOwner(providerId)
    {
        Record storage record = _providers[providerId];
        uint16 keyEpoch = record.keyEpoch + 1;
        delete _idByKey[record.unlocked.holder()];
        _takeKey(newKey, providerId);
        bytes32 digest = _hashTypedDataV4(KeyRotation(providerId, newKey, keyEpoch).hashStruct());
        require(Signatures.recover(digest, proof) == newKey, BadSignature(newKey));
        record.unlocked = HeldWordLib.pack(newKey, record.unlocked.amountWei());
        record.keyEpoch = keyEpoch;
        emit KeyRotated(providerId, newKey, keyEpoch);
    }

    /// @inheritdoc IProviderRegistry
    function heartbeat(uint32 providerId) external nonReentrant {
        _requireOperator(providerId);
        _providers[providerId].lastSeen = uint40(block.timestamp);
        emit Heartbeat(providerId, uint40(block.timestamp));
    }

    /// @inheritdoc IProviderRegistry
    function setEndpoint(uint32 providerId, bytes32 profileHash, string calldata endpoint)
        external
        nonReentrant
        onlyOwner(providerId)
    {
        emit ProviderUpdated(providerId, profileHash, endpoint);
    }

    /// @inheritdoc IProviderRegistry
    function providerOf(uint32 providerId) external view returns (Provider memory) {
        Record memory record = _providers[providerId];
        return Provider({
            owner: record.earned.holder(),
            signingKey: record.unlocked.holder(),
            keyEpoch: record.keyEpoch,
            registeredAt: record.registeredAt,
            lastSeen: record.lastSeen,
            stakedWei: record.stakedWei,
            lockedWei: record.stakedWei - record.unlocked.amountWei(),
            unstakingWei: record.unstakingWei,
            unstakeAt: record.unstakeAt
        });
    }

    /// @inheritdoc IProviderRegistry
    function providerIdOf(address owner) external view returns (uint32) {
        return _idByOwner[owner];
    }

    /// @inheritdoc IProviderRegistry
    function providerIdByKey(address signingKey) external view returns (uint32) {
        return _idByKey[signingKey];
    }

    /// @inheritdoc IProviderRegistry
    function providerCount() external view returns (uint32) {
        return _count;
    }

    /// @inheritdoc IProviderRegistry
    function isActive(uint32 providerId) external view returns (bool) {
        return _providers[providerId].stakedWei >= minStakeWei;
    }

    /// @dev Locks a bond in the stake of an active provider.
    /// @return signingKey of the provider, never zero
    function _lockBond(uint32 providerId, uint96 bondWei) internal returns (address signingKey) {
        Record storage record = _providers[providerId];
        HeldWord word = record.unlocked;
        uint96 unlocked = word.amountWei();
        // The unlocked part alone usually shows that the whole stake suffices, which saves reading it.
        require(unlocked >= minStakeWei || record.stakedWei >= minStakeWei, ProviderInactive(providerId));
        require(unlocked >= bondWei, InsufficientStake(providerId, unlocked, bondWei));
        record.unlocked = word.minus(bondWei);
        return word.holder();
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

    /// @dev Takes a locked bond out of the stake. The caller credits `toRequester` and `toSeats` and burns the rest.
    function _slash(uint32 providerId, bytes32 jobId, uint8 reason, uint96 bondWei, uint96 toRequester, uint96 toSeats)
        internal
    {
        _providers[providerId].stakedWei -= bondWei;
        emit ProviderSlashed(providerId, jobId, reason, toRequester, toSeats, bondWei - toRequester - toSeats);
    }

    /// @dev Earnings sit beside the owner in its provider's record: one slot to pay, and never a fresh one.
    function _earnedOf(address account) internal view override returns (uint96) {
        return _providers[_idByOwner[account]].earned.amountWei();
    }

    function _takeEarned(address account) internal override returns (uint96 earnedWei) {
        Record storage record = _providers[_idByOwner[account]];
        earnedWei = record.earned.amountWei();
        if (earnedWei != 0) record.earned = record.earned.minus(earnedWei);
    }

    function _requireOperator(uint32 providerId) internal view {
        Record storage record = _providers[providerId];
        bool operates = msg.sender == record.unlocked.holder() || msg.sender == record.earned.holder();
        require(operates, NotProvider(providerId, msg.sender));
    }

    function _requireOwner(uint32 providerId) private view {
        require(msg.sender == _providers[providerId].earned.holder(), NotOwner(providerId, msg.sender));
    }

    function _addStake(uint32 providerId, uint96 amountWei) private {
        Record storage record = _providers[providerId];
        record.unlocked = record.unlocked.plus(amountWei);
        record.stakedWei += amountWei;
    }

    function _takeKey(address signingKey, uint32 providerId) private {
        require(signingKey != address(0), ZeroKey());
        uint32 holder = _idByKey[signingKey];
        require(holder == 0, KeyTaken(signingKey, holder));
        _idByKey[signingKey] = providerId;
    }

    function _takeUnstaking(uint32 providerId) private returns (uint96 amountWei) {
        Record storage record = _providers[providerId];
        amountWei = record.unstakingWei;
        require(amountWei != 0, NothingUnstaking(providerId));
        record.unstakingWei = 0;
        record.unstakeAt = 0;
    }
}
