// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of Ledger: the free balance of one account, kept in two places, beside that of everybody else.
/// @dev Parts are signed, so that a part below zero would show instead of reverting.
contract LedgerModel {
    int256 private _balance; // tokens of the mesh
    int256 private _free; // Ledger._free of the tracked account
    int256 private _earned; // Record.earned of the provider that the tracked account owns
    int256 private _others; // both of all other accounts
    int256 private _donated; // sent without depositing

    constructor() {
        assert(_holds());
    }

    /// @dev From any state in which the invariant holds, every function leads to one in which it holds.
    modifier conserves() {
        require(_holds());
        _;
        assert(_holds());
    }


    function deposit(uint96 amountWei) external conserves {
        require(amountWei != 0);
        _balance += int256(uint256(amountWei));
        _free += int256(uint256(amountWei));
    }

    function depositOther(uint96 amountWei) external conserves {
        require(amountWei != 0);
        _balance += int256(uint256(amountWei));
        _others += int256(uint256(amountWei));
    }

    function donate(uint96 amountWei) external conserves {
        _balance += int256(uint256(amountWei));
        _donated += int256(uint256(amountWei));
    }

    /// @dev withdraw = _debit + _send.
    function withdraw(uint96 amountWei) external conserves {
        require(amountWei != 0);
        int256 wei_ = int256(uint256(amountWei));
        int256 have = _free;
        if (have < wei_) {
            have += _earned;
            _earned = 0;
        }
        require(have >= wei_);
        _free = have - wei_;
        _balance -= wei_;
    }

    function withdrawOther(uint96 amountWei) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(_others >= wei_);
        _others -= wei_;
        _balance -= wei_;
    }

    /// @dev A job that another account paid for: _debit there, record.earned.plus here.
    function earn(uint96 amountWei) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(_others >= wei_);
        _others -= wei_;
        _earned += wei_;
    }

    function _holds() private view returns (bool) {
        return
            _balance == _free + _earned + _others + _donated
                && _free >= 0 && _earned >= 0 && _others >= 0;
    }
}
