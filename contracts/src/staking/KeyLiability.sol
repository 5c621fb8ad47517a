// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IKeyLiability} from "../interfaces/IKeyLiability.sol";
import {Shares} from "../libraries/Shares.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {JobStore} from "../market/JobStore.sol";
import {HeldWordLib} from "../types/HeldWord.sol";

/// @title KeyLiability
/// @notice What a key answers for whose provider is convicted by its own signature: the key itself, and one minimum
///         stake. Part of DuckMeshAccounts.
abstract contract KeyLiability is IKeyLiability, JobStore {
    /// @inheritdoc IKeyLiability
    function keyLiableUntil(uint32 providerId, address key) external view returns (uint40) {
        return _liableUntil[providerId][key];
    }

    /// @dev Burns the keys that signed both statements, which must be the provider's, and takes what they owe of the
    ///      minimum stake. What jobs have locked is owed on: a culprit that locks its stake first gains nothing.
    function _burnKeys(
        uint32 providerId,
        bytes32 firstHash,
        bytes calldata firstSig,
        bytes32 secondHash,
        bytes calldata secondSig
    ) internal returns (uint96 bondWei) {
        address firstKey = Signatures.recover(_digestOf(firstHash), firstSig);
        address secondKey = Signatures.recover(_digestOf(secondHash), secondSig);
        _requireLiable(providerId, firstKey);
        // The same key twice is the common case; a rotation in between does not help.
        if (secondKey != firstKey) _requireLiable(providerId, secondKey);
        uint96 paidWei = _paidByKey[providerId][firstKey];
        if (_paidByKey[providerId][secondKey] > paidWei) paidWei = _paidByKey[providerId][secondKey];
        bondWei = _takeFreeStake(providerId, minStakeWei - paidWei);
        // The first proof burns the key also when all stake is locked, so that waiting does not end its liability.
        require(bondWei != 0 || _liableUntil[providerId][firstKey] != LIABILITY_OPEN, NothingToSlash(providerId));
        _burnKey(providerId, firstKey, paidWei + bondWei);
        if (secondKey != firstKey) _burnKey(providerId, secondKey, paidWei + bondWei);
    }

    /// @dev Half of the bond burns; the caller, who reported it, and the requester share the rest.
    function _divide(address requester, uint32 providerId, bytes32 jobId, uint8 reason, uint96 bondWei)
        internal
    {
        uint96 burned = Shares.burnedUp(bondWei);
        uint96 toReporter = (bondWei - burned) / 2;
        uint96 toRequester = bondWei - burned - toReporter;
        _emitSlash(providerId, jobId, reason, bondWei, toRequester, toReporter);
        _credit(msg.sender, toReporter);
        _credit(requester, toRequester);
        _burn(burned);
    }

    function _requireLiable(uint32 providerId, address key) private view {
        bool current = key == _providers[providerId].unlocked.holder();
        // A malformed signature recovers to zero, which is the key of unknown providers.
        bool liable = key != address(0) && key != BURNT_KEY
            && (current || block.timestamp <= _liableUntil[providerId][key]);
        require(liable, KeyNotLiable(providerId, key));
    }

    /// @dev Puts a key that nobody holds in the place of a current one: the slot of every hot path then refuses what
    ///      the burnt key signs, without another read.
    function _burnKey(uint32 providerId, address key, uint96 paidWei) private {
        _liableUntil[providerId][key] = paidWei == minStakeWei ? LIABILITY_SPENT : LIABILITY_OPEN;
        _paidByKey[providerId][key] = paidWei;
        emit KeyBurnt(providerId, key);
        Record storage record = _providers[providerId];
        if (record.unlocked.holder() != key) return;
        delete _idByKey[key];
        record.unlocked = HeldWordLib.pack(BURNT_KEY, record.unlocked.amountWei());
    }
}
