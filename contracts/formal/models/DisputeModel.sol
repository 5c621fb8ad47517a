// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of a dispute that was seated: three judges, an accused provider, a challenger, all accounts.
contract DisputeModel {
    uint8 private constant NONE = 0;
    uint8 private constant ANCHORED = 6;

    int256 private _balance;
    int256 private _free; // all free balances and earnings, fees included (LedgerModel)
    int256 private _stakes;
    int256 private _escrow;
    int256 private _bonds; // bond of the challenger
    int256 private _locked; // bonds of the accused and of the judges
    uint8 private _status;
    uint96 private _price;
    uint96 private _bond;
    bool private _third; // the third judge committed; two of them are enough for a majority

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
        int256 bonds,
        int256 locked,
        uint8 status,
        uint96 price,
        uint96 bond,
        bool third
    ) external {
        _balance = balance;
        _free = free;
        _stakes = stakes;
        _escrow = escrow;
        _bonds = bonds;
        _locked = locked;
        _status = status;
        _price = price;
        _bond = bond;
        _third = third;
        require(_holds());
    }

    function deposit(uint96 toFree, uint96 toStakes) external conserves {
        _free += int256(uint256(toFree));
        _stakes += int256(uint256(toStakes));
        _balance += int256(uint256(toFree)) + int256(uint256(toStakes));
    }

    /// @dev postJob, acceptJob, submitResult, disputeJob and the seating of round 2, in one step.
    function seat(uint96 priceWei, uint96 bondWei, bool third) external conserves {
        require(_status == NONE && bondWei != 0);
        int256 price = int256(uint256(priceWei));
        int256 bond = int256(uint256(bondWei));
        int256 bound = third ? 4 * bond : 3 * bond;
        require(_free >= price + bond && _stakes >= bound);
        _free -= price + bond;
        _escrow = price;
        _bonds = bond;
        _locked = bound;
        _price = priceWei;
        _bond = bondWei;
        _third = third;
        _status = ANCHORED;
    }

    /// @param upheld the majority found another output than the provider's
    /// @param toSeatWei each winner's part of what does not burn, rounded down
    /// @param burned at least half of a bond (HalfProof)
    function closeDecided(bool upheld, bool threeWin, uint96 toSeatWei, uint96 burned) external conserves {
        require(_status == ANCHORED && (_third || !threeWin));
        require(burned <= _bond && 2 * uint256(burned) >= _bond);
        _status = NONE;
        int256 bond = int256(uint256(_bond));
        int256 toSeats = threeWin ? 3 * int256(uint256(toSeatWei)) : 2 * int256(uint256(toSeatWei));
        require(toSeats <= bond - int256(uint256(burned)));
        int256 toBurn = bond - toSeats;
        assert(toBurn >= 0 && 2 * toBurn >= bond);
        _bonds -= bond;
        _escrow -= int256(uint256(_price));
        _unlock();
        if (upheld) {
            _stakes -= bond;
            _free += bond;
            _free += int256(uint256(_price));
        } else {
            _free += int256(uint256(_price));
        }
        _free += toSeats;
        _balance -= toBurn;
        if (_third && !threeWin) _slash(bond, burned);
    }

    /// @param silentSeats judges that did not open and lose their bonds
    function closeUndecided(uint8 silentSeats, uint96 burned) external conserves {
        require(_status == ANCHORED);
        require(burned <= _bond && 2 * uint256(burned) >= _bond);
        require(silentSeats <= 2 || (silentSeats == 3 && _third));
        _status = NONE;
        int256 bond = int256(uint256(_bond));
        _bonds -= bond;
        _free += bond;
        _escrow -= int256(uint256(_price));
        _unlock();
        _free += int256(uint256(_price));
        if (silentSeats >= 1) _slash(bond, burned);
        if (silentSeats >= 2) _slash(bond, burned);
        if (silentSeats >= 3) _slash(bond, burned);
    }

    /// @dev The accused's bond and those of the judges.
    function _unlock() private {
        int256 bond = int256(uint256(_bond));
        _locked -= _third ? 4 * bond : 3 * bond;
    }

    function _slash(int256 bond, uint96 burned) private {
        _stakes -= bond;
        _free += bond - int256(uint256(burned));
        _balance -= int256(uint256(burned));
    }

    function _holds() private view returns (bool) {
        return
            _balance == _free + _stakes + _escrow + _bonds
                && _free >= 0 && _stakes >= 0 && _escrow >= 0 && _bonds >= 0
                && _locked >= 0 && _locked <= _stakes
                && (_status == ANCHORED || (_escrow == 0 && _bonds == 0 && _locked == 0))
                && (_status != ANCHORED || (_escrow == int256(uint256(_price)) && _bonds == int256(uint256(_bond)) && _locked == (_third ? int256(4) : int256(3)) * int256(uint256(_bond))));
    }
}
