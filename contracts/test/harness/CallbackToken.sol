// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Test only: a token that moves amounts faithfully and calls a victim in the middle of every movement.
contract CallbackToken {
    uint256 public totalSupply = 1e27;
    mapping(address account => uint256) public balanceOf;

    address private _target;
    bytes private _data;
    uint256 public refused;
    uint256 public accepted;
    bytes4 public lastError;

    constructor() {
        balanceOf[msg.sender] = totalSupply;
    }

    /// @notice Sets the call made in the middle of every movement; no target, no call.
    function arm(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        return _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        return _move(from, to, value);
    }

    function burn(uint256 value) external {
        totalSupply -= value;
        _move(msg.sender, address(0), value);
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        _callBack();
    }

    function receiveWithAuthorization(address from, address to, uint256 value, uint256, uint256, bytes32, bytes calldata)
        external
    {
        _move(from, to, value);
    }

    function _move(address from, address to, uint256 value) private returns (bool) {
        _callBack();
        balanceOf[from] -= value;
        balanceOf[to] += value;
        return true;
    }

    function _callBack() private {
        if (_target == address(0)) return;
        (bool ok, bytes memory answer) = _target.call(_data);
        if (ok) ++accepted;
        else ++refused;
        lastError = bytes4(answer);
    }
}
