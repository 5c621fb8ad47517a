// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of JobMarket, JobClosing, JobTakeover and the jobs of VerifiedMode, with the opening and the undecided end
///         of a dispute: one job at a time, all accounts.
contract LaneModel {
    uint8 private constant NONE = 0;
    uint8 private constant OPEN = 1;
    uint8 private constant ACTIVE = 2;
    uint8 private constant SUBMITTED = 3;
    uint8 private constant DISPUTED = 4;

    int256 private _balance;
    int256 private _free; // all free balances and earnings, fees included (LedgerModel)
    int256 private _stakes; // all stakes, unstaking included
    int256 private _escrow; // price of the job
    int256 private _bonds; // bond of the challenger
    int256 private _locked; // bond locked in the stake of the provider
    uint8 private _status;
    uint96 private _price;
    uint96 private _bond;
    bool private _takenOver;

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
        bool takenOver
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
        _takenOver = takenOver;
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

    function postJob(uint96 priceWei, uint96 bondWei) external conserves {
        require(_status == NONE);
        int256 price = int256(uint256(priceWei));
        require(_free >= price);
        _free -= price;
        _escrow += price;
        _price = priceWei;
        _bond = bondWei;
        _status = OPEN;
    }

    /// @dev cancelJob, and expireJob of an open job.
    function refund() external conserves {
        require(_status == OPEN);
        _status = NONE;
        _take();
        _free += int256(uint256(_price));
    }

    function acceptJob() external conserves {
        require(_status == OPEN);
        int256 bond = int256(uint256(_bond));
        require(_stakes - _locked >= bond);
        _locked += bond;
        _takenOver = false;
        _status = ACTIVE;
    }

    /// @dev takeOverJob: the late provider's bond is lost, the next one's is locked.
    /// @param burned at least half of the bond (HalfProof)
    function takeOverJob(uint96 burned) external conserves {
        require(_status == ACTIVE && !_takenOver && burned <= _bond && 2 * uint256(burned) >= _bond);
        uint96 toTaker = (_bond - burned) / 2;
        uint96 toRequester = _bond - burned - toTaker;
        int256 lost = int256(uint256(_bond));
        _stakes -= lost;
        _locked -= lost;
        require(_stakes - _locked >= lost);
        _locked += lost;
        _takenOver = true;
        _free += int256(uint256(toTaker));
        _free += int256(uint256(toRequester));
        _balance -= int256(uint256(burned));
    }

    function submitResult() external conserves {
        require(_status == ACTIVE);
        _status = SUBMITTED;
    }

    function finalizeJob() external conserves {
        require(_status == SUBMITTED);
        _finalize();
    }

    /// @dev submitProof of a job in work, or of one that was submitted.
    function submitProof() external conserves {
        require(_status == ACTIVE || _status == SUBMITTED);
        _finalize();
    }

    /// @dev _failLate: expireJob of an accepted job.
    /// @param burned at least half of the bond (HalfProof)
    function failLate(uint96 burned) external conserves {
        require(_status == ACTIVE && burned <= _bond && 2 * uint256(burned) >= _bond);
        _status = NONE;
        uint96 toRequester = _bond - burned;
        _take();
        _locked -= int256(uint256(_bond));
        _stakes -= int256(uint256(_bond));
        _free += int256(uint256(_price)) + int256(uint256(toRequester));
        _balance -= int256(uint256(burned));
    }

    /// @dev expireJob of an accepted job whose verifier is out of service.
    function closeUnverifiable() external conserves {
        require(_status == ACTIVE);
        _status = NONE;
        _take();
        _locked -= int256(uint256(_bond));
        _free += int256(uint256(_price));
    }

    function disputeJob() external conserves {
        require(_status == SUBMITTED);
        int256 bond = int256(uint256(_bond));
        require(bond != 0 && _free >= bond);
        _free -= bond;
        _bonds += bond;
        _status = DISPUTED;
    }

    function closeUndecided() external conserves {
        require(_status == DISPUTED);
        _bonds -= int256(uint256(_bond));
        _free += int256(uint256(_bond));
        _finalize();
    }

    /// @dev The provider earns the whole price; the fee is taken when that moves (LedgerModel).
    function _finalize() private {
        _status = NONE;
        _take();
        _locked -= int256(uint256(_bond));
        _free += int256(uint256(_price));
    }

    /// @dev Ghost: the price is no longer that of an open job.
    function _take() private {
        _escrow -= int256(uint256(_price));
    }

    function _holds() private view returns (bool) {
        return
            _balance == _free + _stakes + _escrow + _bonds
                && _free >= 0 && _stakes >= 0 && _escrow >= 0 && _bonds >= 0
                && _locked >= 0 && _locked <= _stakes
                && _escrow == (_status == NONE ? int256(0) : int256(uint256(_price)))
                && _bonds == (_status == DISPUTED ? int256(uint256(_bond)) : int256(0))
                && (_locked == (_status == ACTIVE || _status == SUBMITTED || _status == DISPUTED ? int256(uint256(_bond)) : int256(0)));
    }
}
