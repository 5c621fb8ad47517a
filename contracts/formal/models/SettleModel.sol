// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of the lanes that store no job: settle, settleAuction, settleProof, settleSeats and settlePacked. One
///         payer, who may own a provider itself, and everybody who earns from it.
/// @dev A packed batch keeps the payer's balance in memory while its items are walked; the steps of that walk are
///      functions here, and nothing else runs between them.
contract SettleModel {
    int256 private _balance;
    int256 private _free; // LedgerStore._balances of the payer
    int256 private _gross; // what the payer earned as a provider
    int256 private _fee; // the fee of that
    int256 private _earned; // by everybody else
    int256 private _treasury;
    bool private _walking; // a purse is open
    bool private _usesEarned;
    int256 private _purse;
    int256 private _total; // settled in the batch, still to be earned

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
        int256 fee,
        int256 earned,
        int256 treasury,
        bool walking,
        bool usesEarned,
        int256 purse,
        int256 total
    ) external {
        _balance = balance;
        _free = free;
        _gross = gross;
        _fee = fee;
        _earned = earned;
        _treasury = treasury;
        _walking = walking;
        _usesEarned = usesEarned;
        _purse = purse;
        _total = total;
        require(_holds());
    }

    function deposit(uint96 amountWei) external conserves {
        require(!_walking);
        _balance += int256(uint256(amountWei));
        _free += int256(uint256(amountWei));
    }

    /// @dev Somebody pays the payer's provider.
    /// @param fee of the new sum, at most the sum (FeeProof)
    function earn(uint96 amountWei, uint96 fee) external conserves {
        require(!_walking);
        _balance += int256(uint256(amountWei));
        _gross += int256(uint256(amountWei));
        _fee = int256(uint256(fee));
        require(_fee <= _gross);
    }

    /// @dev settle and settleProof, which takes the whole price.
    function settle(uint96 priceWei, uint96 amountWei) external conserves {
        require(!_walking && amountWei <= priceWei);
        _debit(int256(uint256(amountWei)));
        _earned += int256(uint256(amountWei));
    }

    /// @param best lowest bid
    /// @param second second lowest, at least the lowest
    function settleAuction(uint96 reserveWei, uint96 best, uint96 second) external conserves {
        require(!_walking && best <= second && best <= reserveWei);
        uint96 paidWei = second < reserveWei ? second : reserveWei;
        assert(paidWei >= best && paidWei <= reserveWei);
        _debit(int256(uint256(paidWei)));
        _earned += int256(uint256(paidWei));
    }

    /// @dev settleSeats of three seats.
    /// @param shareWei of the price, rounded down (SharesProof)
    function settleSeats(uint96 priceWei, uint96 shareWei) external conserves {
        require(!_walking && 3 * uint256(shareWei) <= priceWei);
        int256 share = int256(uint256(shareWei));
        _debit(3 * share);
        _earned += share;
        _earned += share;
        _earned += share;
    }

    function openPurse() external conserves {
        require(!_walking);
        _walking = true;
        _usesEarned = false;
        _purse = _free;
    }

    /// @dev An item that is settled, or skipped for lack of money.
    function settleItem(uint96 priceWei, uint96 amountWei) external conserves {
        require(_walking && amountWei <= priceWei);
        int256 wei_ = int256(uint256(amountWei));
        if (wei_ > _purse && !_usesEarned) {
            _usesEarned = true;
            _purse += _gross - _fee;
        }
        if (wei_ > _purse) return;
        _purse -= wei_;
        _total += wei_;
    }

    /// @dev _closePurse of the last group, and what the batch's provider earns.
    function closePurse() external conserves {
        require(_walking);
        if (_usesEarned) _move();
        _free = _purse;
        _walking = false;
        _earned += _total;
        _total = 0;
    }

    function _debit(int256 wei_) private {
        int256 have = _free;
        if (have < wei_) have += _move();
        require(have >= wei_);
        _free = have - wei_;
    }

    function _move() private returns (int256 net) {
        net = _gross - _fee;
        _treasury += _fee;
        _gross = 0;
        _fee = 0;
    }

    function _holds() private view returns (bool) {
        int256 payer = !_walking ? _free + _gross : _usesEarned ? _purse + _fee : _purse + _gross;
        return
            _balance == payer + _total + _earned + _treasury
                && _free >= 0 && _fee >= 0 && _fee <= _gross && _earned >= 0 && _treasury >= 0 && _total >= 0
                && (!_walking || _purse >= 0) && (_walking || _total == 0);
    }
}
