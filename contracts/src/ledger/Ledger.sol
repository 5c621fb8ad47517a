// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";
import {LedgerStore} from "./LedgerStore.sol";

/// @title Ledger
/// @notice How DUCK comes in and leaves.
abstract contract Ledger is ILedger, LedgerStore {
    /// @inheritdoc ILedger
    function deposit(uint96 amountWei) external nonReentrant {
        _pull(amountWei);
    }

    /// @inheritdoc ILedger
    function withdraw(uint96 amountWei, address to) external nonReentrant {
        _debit(msg.sender, _positive(amountWei));
        emit Withdrawn(msg.sender, to, amountWei);
        _send(to, amountWei);
    }
}
