// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Model of Channels and ChannelClaims: one channel, its payer and its provider, and time.
contract ChannelModel {
    int256 private _balance;
    int256 private _free; // of the payer
    int256 private _earned; // by the provider
    bool private _opened;
    uint96 private _funded; // paid in minus given back
    uint96 private _claimed;
    uint256 private _closableAfter; // zero while no close was started
    uint256 private _now;
    uint96 private _signed; // ghost: the largest voucher
    uint256 private _startedAt; // ghost: when the running close was started
    uint256 private immutable _withdrawDelay;

    constructor(uint40 withdrawDelay) {
        require(withdrawDelay != 0);
        _withdrawDelay = withdrawDelay;
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
        int256 earned,
        bool opened,
        uint96 funded,
        uint96 claimed,
        uint256 closableAfter,
        uint256 now_,
        uint96 signed,
        uint256 startedAt
    ) external {
        _balance = balance;
        _free = free;
        _earned = earned;
        _opened = opened;
        _funded = funded;
        _claimed = claimed;
        _closableAfter = closableAfter;
        _now = now_;
        _signed = signed;
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

    function openChannel(uint96 amountWei) external conserves {
        require(!_opened && amountWei != 0);
        require(_free >= int256(uint256(amountWei)));
        _free -= int256(uint256(amountWei));
        _opened = true;
        _funded = amountWei;
    }

    /// @dev Takes back a close that was started.
    function topUp(uint96 amountWei) external conserves {
        require(_opened && amountWei != 0);
        require(_free >= int256(uint256(amountWei)));
        _free -= int256(uint256(amountWei));
        _funded += amountWei;
        _closableAfter = 0;
    }

    /// @dev Off chain.
    function signVoucher(uint96 maxCumulativeWei) external conserves {
        if (maxCumulativeWei > _signed) _signed = maxCumulativeWei;
    }

    /// @dev _claimOne with a voucher that the payer signed.
    function claim(uint96 cumulativeWei, uint96 maxCumulativeWei) external conserves {
        require(maxCumulativeWei <= _signed);
        if (cumulativeWei > maxCumulativeWei) return;
        uint96 upToWei = cumulativeWei < _funded ? cumulativeWei : _funded;
        if (upToWei <= _claimed) return;
        uint96 amountWei = upToWei - _claimed;
        _claimed = upToWei;
        _earned += int256(uint256(amountWei));
    }

    function startClose() external conserves {
        require(_opened && _closableAfter == 0);
        _closableAfter = _now + _withdrawDelay;
        _startedAt = _now;
    }

    function close() external conserves {
        require(_opened && _closableAfter != 0);
        require(_now > _closableAfter);
        assert(_now > _startedAt + _withdrawDelay);
        uint96 returned = _funded - _claimed;
        _funded = _claimed;
        _closableAfter = 0;
        _free += int256(uint256(returned));
    }

    /// @dev By the provider.
    function refund(uint96 amountWei) external conserves {
        require(_opened && amountWei != 0 && amountWei <= _funded - _claimed);
        _funded -= amountWei;
        _free += int256(uint256(amountWei));
    }

    function _holds() private view returns (bool) {
        return
            _claimed <= _funded && _claimed <= _signed
                && _balance == _free + _earned + int256(uint256(_funded)) - int256(uint256(_claimed))
                && _free >= 0 && _earned >= 0
                && (_opened || (_funded == 0 && _closableAfter == 0))
                && (_closableAfter == 0 || _closableAfter == _startedAt + _withdrawDelay);
    }
}
