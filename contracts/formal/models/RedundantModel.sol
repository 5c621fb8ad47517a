// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of Seating, SeatFallback and RedundantMode in rounds 0 and 1: one job of three seats at a time, all accounts.
contract RedundantModel {
    uint8 private constant NONE = 0;
    uint8 private constant COMMITTING = 5;
    uint8 private constant ANCHORED = 6;
    uint8 private constant RESEATING = 7;

    int256 private _balance;
    int256 private _free; // all free balances and earnings, fees included (LedgerModel)
    int256 private _stakes;
    int256 private _escrow;
    int256 private _locked; // bonds of the seats of this round
    uint8 private _status;
    bool private _second; // round 1
    uint96 private _price;
    uint96 private _bond;
    uint8 private _bound; // seats that locked a bond

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
        int256 stakes,
        int256 escrow,
        int256 locked,
        uint8 status,
        bool second,
        uint96 price,
        uint96 bond,
        uint8 bound
    ) external {
        _balance = balance;
        _free = free;
        _stakes = stakes;
        _escrow = escrow;
        _locked = locked;
        _status = status;
        _second = second;
        _price = price;
        _bond = bond;
        _bound = bound;
        require(_holds());
    }

    function deposit(uint96 amountWei) external conserves {
        _balance += int256(uint256(amountWei));
        _free += int256(uint256(amountWei));
    }

    function withdraw(uint96 amountWei) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(_free >= wei_);
        _free -= wei_;
        _balance -= wei_;
    }

    function stake(uint96 amountWei) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(_free >= wei_);
        _free -= wei_;
        _stakes += wei_;
    }

    function finishUnstake(uint96 amountWei) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(_stakes - _locked >= wei_);
        _stakes -= wei_;
        _balance -= wei_;
    }

    /// @dev _enterRedundant: the first seat or anchor of round 0.
    function enter(uint96 priceWei, uint96 bondWei) external conserves {
        require(_status == NONE);
        int256 price = int256(uint256(priceWei));
        require(_free >= price);
        _free -= price;
        _escrow += price;
        _price = priceWei;
        _bond = bondWei;
        _second = false;
        _status = COMMITTING;
    }

    /// @dev _lockBond for one more seat, by commitSeat or by anchorSeats, which does it for all.
    function bind() external conserves {
        require((_status == COMMITTING || _status == RESEATING) && _bound < 3);
        int256 bond = int256(uint256(_bond));
        require(_stakes - _locked >= bond);
        _locked += bond;
        _bound += 1;
        _status = COMMITTING;
    }

    /// @dev anchorSeats, the last commitSeat, or sealSeats with the seats that are bound.
    function anchor() external conserves {
        require(_status == COMMITTING);
        _status = ANCHORED;
    }

    /// @dev openSeats when all three seats gave one output.
    /// @param share of the price, rounded down (SharesProof)
    function payThree(uint96 share) external conserves {
        require(_status == ANCHORED && _bound == 3);
        require(3 * uint256(share) <= _price);
        _pay(3 * int256(uint256(share)));
        _release(0, 0);
    }

    /// @dev openSeats when two seats gave one output; the third one, if it locked a bond, loses it.
    /// @param burned at least half of a bond (HalfProof)
    function payTwo(uint96 share, uint96 burned) external conserves {
        require(_status == ANCHORED && _bound >= 2);
        require(3 * uint256(share) <= _price);
        require(burned <= _bond && 2 * uint256(burned) >= _bond);
        _pay(2 * int256(uint256(share)));
        _release(_bound - 2, burned);
    }

    /// @dev openSeats without majority in round 0: `slashed` seats were silent or copied, the others go free.
    function reseat(uint8 slashed, uint96 burned) external conserves {
        require(_status == ANCHORED && !_second && slashed <= _bound);
        require(burned <= _bond && 2 * uint256(burned) >= _bond);
        _second = true;
        _status = RESEATING;
        _release(slashed, burned);
    }

    /// @dev openSeats without majority in round 1.
    function refund(uint8 slashed, uint96 burned) external conserves {
        require(_status == ANCHORED && _second && slashed <= _bound);
        require(burned <= _bond && 2 * uint256(burned) >= _bond);
        _close();
        _free += int256(uint256(_price));
        _release(slashed, burned);
    }

    /// @dev expireJob of a job that nobody seated again.
    function expire() external conserves {
        require(_status == RESEATING);
        _close();
        _free += int256(uint256(_price));
    }

    /// @dev _payWinners: the winners earn their shares, the requester gets what is left.
    function _pay(int256 shares) private {
        int256 toRequester = int256(uint256(_price)) - shares;
        assert(toRequester >= 0);
        _close();
        _free += shares;
        _free += toRequester;
    }

    /// @dev Ghost: the price is no longer that of an open job.
    function _close() private {
        _status = NONE;
        _escrow -= int256(uint256(_price));
    }

    /// @dev _settleSeats: every bond leaves the lock; a slashed one leaves the stake, to the fire and the requester.
    function _release(uint8 slashed, uint96 burned) private {
        _locked = 0; // _holds: nothing but the bonds of these seats
        _bound = 0;
        int256 bonds = _times(slashed, int256(uint256(_bond)));
        int256 toBurn = _times(slashed, int256(uint256(burned)));
        _stakes -= bonds;
        _free += bonds - toBurn;
        _balance -= toBurn;
    }

    function _times(uint8 count, int256 wei_) private pure returns (int256) {
        return count == 0 ? int256(0) : count == 1 ? wei_ : count == 2 ? 2 * wei_ : 3 * wei_;
    }

    function _holds() private view returns (bool) {
        return _balance == _free + _stakes + _escrow && _free >= 0 && _stakes >= 0 && _locked >= 0
            && _locked <= _stakes && _escrow == (_status == NONE ? int256(0) : int256(uint256(_price))) && _bound <= 3
            && (_bound != 0 || _locked == 0) && (_bound != 1 || _locked == int256(uint256(_bond)))
            && (_bound != 2 || _locked == 2 * int256(uint256(_bond)))
            && (_bound != 3 || _locked == 3 * int256(uint256(_bond)))
            && (_status == COMMITTING || _status == ANCHORED || _bound == 0);
    }
}
