// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of ProviderRegistry and the stakes in ProviderStore: one provider with its owner's free balance, and time.
contract RegistryModel {
    int256 private _balance;
    int256 private _free; // of the owner
    int256 private _staked; // Record.stakedWei
    int256 private _unlocked; // amount in Record.unlocked
    int256 private _unstaking; // Record.unstakingWei
    int256 private _locked; // ghost: sum of the bonds of open jobs
    int256 private _slashed; // ghost: left the stake, still to be credited or burned by the job
    int256 private _paidByKey; // by the key of the provider that equivocated
    int256 private _lostByKey; // ghost: all that proofs against this key took
    uint256 private _now;
    uint256 private _unstakeAt;
    uint256 private _startedAt; // ghost: when the unstaking amount last grew
    uint256 private immutable _unbondSeconds;
    int256 private immutable _minStake;

    constructor(uint32 unbondSeconds, uint96 minStakeWei) {
        _unbondSeconds = unbondSeconds;
        _minStake = int256(uint256(minStakeWei));
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
        int256 staked,
        int256 unlocked,
        int256 unstaking,
        int256 locked,
        int256 slashed,
        int256 paidByKey,
        int256 lostByKey,
        uint256 now_,
        uint256 unstakeAt,
        uint256 startedAt
    ) external {
        _balance = balance;
        _free = free;
        _staked = staked;
        _unlocked = unlocked;
        _unstaking = unstaking;
        _locked = locked;
        _slashed = slashed;
        _paidByKey = paidByKey;
        _lostByKey = lostByKey;
        _now = now_;
        _unstakeAt = unstakeAt;
        _startedAt = startedAt;
        require(_holds());
    }

    function tick(uint32 seconds_) external conserves {
        _now += seconds_;
    }

    function deposit(uint96 amountWei) external conserves {
        _balance += int256(uint256(amountWei));
        _free += int256(uint256(amountWei));
    }

    /// @dev registerProvider and stake.
    function stake(uint96 amountWei) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(_free >= wei_);
        _free -= wei_;
        _unlocked += wei_;
        _staked += wei_;
    }

    function startUnstake(uint96 amountWei) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(wei_ != 0 && wei_ <= _unlocked);
        _unlocked -= wei_;
        _staked -= wei_;
        _unstaking += wei_;
        _unstakeAt = _now + _unbondSeconds;
        _startedAt = _now;
    }

    function cancelUnstake() external conserves {
        require(_unstaking != 0);
        int256 wei_ = _unstaking;
        _unstaking = 0;
        _unstakeAt = 0;
        _unlocked += wei_;
        _staked += wei_;
    }

    function finishUnstake() external conserves {
        uint256 unstakeAt = _unstakeAt;
        int256 wei_ = _unstaking;
        require(wei_ != 0);
        _unstaking = 0;
        _unstakeAt = 0;
        require(_now >= unstakeAt);
        assert(_now >= _startedAt + _unbondSeconds);
        _balance -= wei_;
    }

    function lockBond(uint96 bondWei) external conserves {
        int256 wei_ = int256(uint256(bondWei));
        require(_unlocked >= wei_);
        _unlocked -= wei_;
        _locked += wei_;
    }

    /// @dev The bond of one of the open jobs, hence at most their sum.
    function unlockBond(uint96 bondWei) external conserves {
        int256 wei_ = int256(uint256(bondWei));
        require(_locked >= wei_);
        _locked -= wei_;
        _unlocked += wei_;
    }

    /// @dev The bond of one of the open jobs, hence at most their sum.
    function slash(uint96 bondWei) external conserves {
        int256 wei_ = int256(uint256(bondWei));
        require(_locked >= wei_);
        _locked -= wei_;
        _staked -= wei_;
        _slashed += wei_;
    }

    /// @dev _burnKeys of one key, as often as it owes something, and _takeFreeStake: what no job has locked, first of the
    ///      active stake, then of what is leaving.
    function slashKey() external conserves {
        int256 want = _minStake - _paidByKey;
        int256 taken = _unlocked < want ? _unlocked : want;
        _unlocked -= taken;
        _staked -= taken;
        int256 missing = want - taken;
        int256 fromExit = _unstaking < missing ? _unstaking : missing;
        if (fromExit == _unstaking) _unstakeAt = 0;
        _unstaking -= fromExit;
        _slashed += taken + fromExit;
        _paidByKey += taken + fromExit;
        _lostByKey += taken + fromExit;
        assert(_lostByKey <= _minStake);
    }

    /// @dev What was slashed is burned or credited, see the job models.
    function spendSlashed(uint96 amountWei, bool burns) external conserves {
        int256 wei_ = int256(uint256(amountWei));
        require(_slashed >= wei_);
        _slashed -= wei_;
        if (burns) _balance -= wei_;
        else _free += wei_;
    }

    function _holds() private view returns (bool) {
        return
            _balance == _free + _staked + _unstaking + _slashed
                && _staked == _unlocked + _locked
                && _free >= 0 && _unlocked >= 0 && _locked >= 0 && _unstaking >= 0 && _slashed >= 0
                && _paidByKey == _lostByKey && _paidByKey >= 0 && _paidByKey <= _minStake
                && (_unstaking == 0 || _unstakeAt == _startedAt + _unbondSeconds);
    }
}
