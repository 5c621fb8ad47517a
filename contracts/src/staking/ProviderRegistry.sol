// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IKeyLiability} from "../interfaces/IKeyLiability.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {EarnedWordLib} from "../types/EarnedWord.sol";
import {HeldWordLib} from "../types/HeldWord.sol";
import {KeyRotation} from "../types/KeyRotation.sol";
import {ProviderStore} from "./ProviderStore.sol";

/// @title ProviderRegistry
/// @notice Registration, stake and keys of the providers. Part of DuckMeshAccounts.
abstract contract ProviderRegistry is IProviderRegistry, ProviderStore, Delegated {
    modifier onlyOwner(uint32 providerId) {
        _requireOwner(providerId);
        _;
    }

    /// @inheritdoc IProviderRegistry
    function registerProvider(address signingKey, bytes32 profileHash, string calldata endpoint, uint96 stakeWei)
        external
        delegated
        nonReentrant
        returns (uint32 providerId)
    {
        _requireNotFrozen();
        // The treasury's balance changes while an owner's earnings move.
        require(msg.sender != _treasury, NotOwner(0, msg.sender));
        require(_idByOwner[msg.sender] == 0, AlreadyRegistered(msg.sender, _idByOwner[msg.sender]));
        require(stakeWei >= minStakeWei, StakeBelowMinimum(stakeWei, minStakeWei));
        _debit(msg.sender, stakeWei);
        providerId = ++_count;
        _idByOwner[msg.sender] = providerId;
        _takeKey(signingKey, providerId);
        Record storage record = _providers[providerId];
        record.unlocked = HeldWordLib.pack(signingKey, stakeWei);
        record.earned = EarnedWordLib.pack(msg.sender, _terms.version);
        record.stakedWei = stakeWei;
        record.registeredAt = uint40(block.timestamp);
        record.lastSeen = uint40(block.timestamp);
        emit ProviderRegistered(providerId, msg.sender, signingKey, profileHash, endpoint);
        emit StakeAdded(providerId, stakeWei);
    }

    /// @inheritdoc IProviderRegistry
    function stake(uint32 providerId, uint96 amountWei) external delegated nonReentrant onlyOwner(providerId) {
        _debit(msg.sender, _positive(amountWei));
        _addStake(providerId, amountWei);
        emit StakeAdded(providerId, amountWei);
    }

    /// @inheritdoc IProviderRegistry
    function startUnstake(uint32 providerId, uint96 amountWei) external delegated nonReentrant onlyOwner(providerId) {
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
    function cancelUnstake(uint32 providerId) external delegated nonReentrant onlyOwner(providerId) {
        uint96 amountWei = _takeUnstaking(providerId);
        _addStake(providerId, amountWei);
        emit UnstakeCancelled(providerId, amountWei);
    }

    /// @inheritdoc IProviderRegistry
    function finishUnstake(uint32 providerId, address to) external delegated nonReentrant onlyOwner(providerId) {
        uint40 unstakeAt = _providers[providerId].unstakeAt;
        uint96 amountWei = _takeUnstaking(providerId);
        require(block.timestamp >= unstakeAt, ILedger.TooEarly(unstakeAt - 1));
        emit UnstakeFinished(providerId, to, amountWei);
        _send(to, amountWei);
    }

    /// @inheritdoc IProviderRegistry
    function rotateKey(uint32 providerId, address newKey, bytes calldata proof)
        external
        delegated
        nonReentrant
        onlyOwner(providerId)
    {
        Record storage record = _providers[providerId];
        uint16 keyEpoch = record.keyEpoch + 1;
        address oldKey = record.unlocked.holder();
        uint40 until = _liableUntil[providerId][newKey];
        require(until != LIABILITY_SPENT && until != LIABILITY_OPEN, IKeyLiability.BurntKey(providerId, newKey));
        if (oldKey != BURNT_KEY) {
            delete _idByKey[oldKey];
            _liableUntil[providerId][oldKey] = uint40(block.timestamp + unbondSeconds);
        }
        _takeKey(newKey, providerId);
        bytes32 digest = _digestOf(KeyRotation(providerId, newKey, keyEpoch).hashStruct());
        require(Signatures.recover(digest, proof) == newKey, ILedger.BadSignature(newKey));
        record.unlocked = HeldWordLib.pack(newKey, record.unlocked.amountWei());
        record.keyEpoch = keyEpoch;
        emit KeyRotated(providerId, newKey, keyEpoch);
    }

    /// @inheritdoc IProviderRegistry
    function heartbeat(uint32 providerId) external delegated nonReentrant {
        _requireOperator(providerId);
        _providers[providerId].lastSeen = uint40(block.timestamp);
        emit Heartbeat(providerId, uint40(block.timestamp));
    }

    /// @inheritdoc IProviderRegistry
    function setEndpoint(uint32 providerId, bytes32 profileHash, string calldata endpoint)
        external
        delegated
        nonReentrant
        onlyOwner(providerId)
    {
        emit ProviderUpdated(providerId, profileHash, endpoint);
    }

    /// @inheritdoc IProviderRegistry
    function providerOf(uint32 providerId) external view returns (Provider memory) {
        Record memory record = _providers[providerId];
        return Provider({
            owner: record.earned.owner(),
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

    function _requireOwner(uint32 providerId) private view {
        require(msg.sender == _providers[providerId].earned.owner(), NotOwner(providerId, msg.sender));
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
