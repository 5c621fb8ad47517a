// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of LedgerStore and of the earnings in ProviderStore: one account that owns a provider, the treasury, and
///         everybody else. Amounts earned are gross; the fee is taken when they move.
/// @dev Parts are signed, so that a part below zero would show instead of reverting.
contract LedgerModel {
    int256 private _balance; // tokens of the mesh
    int256 private _free; // LedgerStore._balances of the tracked account
    int256 private _gross; // amount in Record.earned of its provider
    int256 private _treasury; // LedgerStore._balances of the treasury, which owns no provider
    int256 private _others; // both of all other accounts
    int256 private _donated; // sent without depositing
    uint8 private _version; // terms in Record.earned
    uint8 private _earnedUnder; // ghost: terms of the provider when the first wei of _gross was earned
    int256 private _fees; // ghost: all that _move took

    constructor() {
        assert(_holds());
    }

    /// @dev From any state in which the invariant holds, every function leads to one in which it holds.
    modifier conserves() {
        require(_holds());
        _;
        assert(_holds());
    }

    /// @dev Every state in which the invariant holds is one call away, so a bug shows within two.
    function anyState(
        int256 balance,
        int256 free,
        int256 gross,
        int256 treasury,
        int256 others,
        int256 donated,
        uint8 version,
        uint8 earnedUnder,
        int256 fees
    ) external {
        _balance = balance;
        _free = free;
        _gross = gross;
        _treasury = treasury;
        _others = others;
        _donated = donated;
        _version = version;
        _earnedUnder = earnedUnder;
        _fees = fees;
        require(_holds());
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
    function withdraw(uint96 amountWei, uint96 fee) external conserves {
        require(amountWei != 0);
        int256 wei_ = int256(uint256(amountWei));
        _debit(wei_, fee);
        _balance -= wei_;
    }

    /// @dev A job that the tracked account pays for.
    function spend(uint96 amountWei, uint96 fee) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        _debit(wei_, fee);
        _others += wei_;
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
        if (_gross == 0) _earnedUnder = _version;
        _gross += wei_;
    }

    /// @dev collectFees, which anybody may call.
    function collect(uint96 fee) external conserves {
        _free += _move(fee);
    }

    function adoptTerms(uint8 version, uint96 fee) external conserves {
        require(version != _version);
        _free += _move(fee);
        _version = version;
    }

    function _debit(int256 wei_, uint96 fee) private {
        int256 have = _free;
        if (have < wei_) have += _move(fee);
        require(have >= wei_);
        _free = have - wei_;
    }

    /// @dev _moveEarned.
    /// @param fee of the earnings by the terms in Record.earned, at most the earnings (FeeProof)
    function _move(uint96 fee) private returns (int256 net) {
        int256 fee_ = int256(uint256(fee));
        int256 gross = _gross;
        require(fee_ <= gross);
        _gross = 0;
        _treasury += fee_;
        _fees += fee_;
        net = gross - fee_;
    }

    /// @dev The last line: new terms never set the fee of what was earned before them.
    function _holds() private view returns (bool) {
        return
            _balance == _free + _gross + _treasury + _others + _donated
                && _free >= 0 && _gross >= 0 && _treasury >= 0 && _others >= 0
                && _treasury == _fees
                && (_gross == 0 || _earnedUnder == _version);
    }
}
