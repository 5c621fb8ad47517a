// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";
import {IMeshParams} from "../interfaces/IMeshParams.sol";
import {IMeshTerms} from "../interfaces/IMeshTerms.sol";
import {LedgerStore} from "../ledger/LedgerStore.sol";
import {Terms} from "../types/Terms.sol";

/// @title TermsStore
/// @notice The terms in force, and the fee of each version ever in force.
abstract contract TermsStore is LedgerStore {
    /// @dev One slot, read when work is entered.
    struct CurrentTerms {
        uint8 version;
        uint16 feeBps;
        uint16 minBondBps;
        uint32 maxJobLifeSeconds;
        uint40 effectiveAt;
        uint40 frozenUntil;
    }

    /// @dev Ledger account that receives the fee.
    address internal immutable _treasury;
    IMeshParams internal immutable _meshParams;
    /// @dev No terms can make a job live longer: unstaking takes at least twice as long.
    uint32 internal immutable maxJobLifeSeconds;

    CurrentTerms internal _terms;
    mapping(uint8 version => uint16 feeBps) internal _feeBps;

    constructor(address treasury_, IMeshParams meshParams_, uint32 maxJobLifeSeconds_) {
        require(treasury_ != address(0), ILedger.OutOfBounds("treasury", 0));
        require(
            maxJobLifeSeconds_ >= 1 minutes && maxJobLifeSeconds_ <= 90 days,
            ILedger.OutOfBounds("maxJobLifeSeconds", maxJobLifeSeconds_)
        );
        _treasury = treasury_;
        _meshParams = meshParams_;
        maxJobLifeSeconds = maxJobLifeSeconds_;
    }

    /// @dev Reads what governance published. The bounds are those of its contract, checked again where the money is.
    function _readTerms() internal {
        (uint8 version, Terms memory terms, uint40 effectiveAt, uint40 frozenUntil) = _meshParams.current();
        terms.requireInBounds();
        if (terms.maxJobLifeSeconds > maxJobLifeSeconds) terms.maxJobLifeSeconds = maxJobLifeSeconds;
        _terms = CurrentTerms(
            version, terms.feeBps, terms.minBondBps, terms.maxJobLifeSeconds, effectiveAt, frozenUntil
        );
        _feeBps[version] = terms.feeBps;
        emit IMeshTerms.TermsSynced(version, terms, frozenUntil);
    }

    function _requireNotFrozen() internal view {
        uint40 until = _terms.frozenUntil;
        require(block.timestamp > until, IMeshTerms.Frozen(until));
    }
}
