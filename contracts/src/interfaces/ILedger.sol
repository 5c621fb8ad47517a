// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ILedger
/// @notice Free DUCK balances inside DuckMesh. Every payment of the mesh is an internal credit;
///         tokens leave only when their owner withdraws. More ways to pay in, and views, in IAccounts.
interface ILedger {
    /// @notice `amountWei` DUCK arrived and was credited to `account`.
    event Deposited(address indexed account, uint96 amountWei);
    /// @notice `account` sent `amountWei` of its free balance to `to`.
    event Withdrawn(address indexed account, address indexed to, uint96 amountWei);

    /// @notice An amount that must be positive was zero.
    error ZeroAmount();
    /// @notice The free balance of `account` does not cover the call.
    error InsufficientFree(address account, uint96 haveWei, uint96 needWei);
    /// @notice The token moved another amount than asked for.
    error DepositMismatch(uint256 gotWei, uint256 wantWei);
    /// @notice Tokens cannot be sent to the zero address or to the mesh itself.
    error InvalidRecipient(address to);
    /// @notice The nonce was used by an order or invalidated.
    error NonceUsed(address requester, uint64 nonce);
    /// @notice A constructor parameter is outside its hard bounds.
    error OutOfBounds(bytes32 key, uint256 value);
    /// @notice The last second for this call was `deadline`.
    error Expired(uint40 deadline);
    /// @notice This call is possible after `until` only.
    error TooEarly(uint40 until);
    /// @notice A signature was not made by `signer`.
    error BadSignature(address signer);

    /// @notice Moves `amountWei` approved DUCK from the caller to its free balance.
    function deposit(uint96 amountWei) external;

    /// @notice Sends `amountWei` of the caller's free balance to `to`. No state of any job can block it.
    function withdraw(uint96 amountWei, address to) external;
}
