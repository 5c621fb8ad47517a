// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IMeshTerms} from "../interfaces/IMeshTerms.sol";
import {Shares} from "../libraries/Shares.sol";
import {ProviderStore} from "../staking/ProviderStore.sol";
import {EarnedWord} from "../types/EarnedWord.sol";
import {Terms} from "../types/Terms.sol";

/// @title MeshTerms
/// @notice Brings new terms into force, provider by provider. Part of DuckMeshAccounts.
abstract contract MeshTerms is IMeshTerms, ProviderStore, Delegated {
    /// @inheritdoc IMeshTerms
    function syncTerms() external delegated nonReentrant {
        _readTerms();
    }

    /// @inheritdoc IMeshTerms
    function adoptTerms(uint32 providerId) external delegated nonReentrant {
        CurrentTerms memory now_ = _terms;
        Record storage record = _providers[providerId];
        if (block.timestamp <= uint256(now_.effectiveAt) + 2 * uint256(maxJobLifeSeconds)) {
            _requireOperator(providerId);
        }
        require(record.earned.version() != now_.version, TermsAdoptedAlready(providerId, now_.version));
        _collect(record.earned.owner());
        record.earned = record.earned.under(now_.version);
        emit TermsAdopted(providerId, now_.version);
    }

    /// @inheritdoc IMeshTerms
    function collectFees(uint32[] calldata providerIds) external delegated nonReentrant {
        uint96 feesWei = 0;
        for (uint256 i = 0; i < providerIds.length; ++i) {
            feesWei += _collect(_providers[providerIds[i]].earned.owner());
        }
        emit FeesCollected(feesWei);
    }

    /// @inheritdoc IMeshTerms
    function terms() external view returns (uint8 version, Terms memory terms_, uint40 frozenUntil) {
        CurrentTerms memory now_ = _terms;
        terms_ = Terms(now_.feeBps, now_.minBondBps, now_.maxJobLifeSeconds);
        return (now_.version, terms_, now_.frozenUntil);
    }

    /// @inheritdoc IMeshTerms
    function feeOf(uint32 providerId) external view returns (uint16 feeBps, uint8 version) {
        version = _providers[providerId].earned.version();
        feeBps = _feeBps[version];
    }

    /// @inheritdoc IMeshTerms
    function feeDueOf(address owner) external view returns (uint96) {
        EarnedWord word = _providers[_idByOwner[owner]].earned;
        return Shares.feeDown(word.grossWei(), _feeBps[word.version()]);
    }

    /// @inheritdoc IMeshTerms
    function treasury() external view returns (address) {
        return _treasury;
    }

    function _collect(address owner) private returns (uint96 feeWei) {
        uint96 netWei;
        (netWei, feeWei) = _moveEarned(owner);
        _credit(owner, netWei);
    }
}
