// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ILedger
/// @notice Free DUCK balances inside DuckMesh, and the order nonces. Every payment of the mesh is an internal credit;
///         tokens leave only when their owner withdraws.
interface ILedger {
    /// @notice `amountWei` DUCK arrived and was credited to `account`.
    event Deposited(address indexed account, uint96 amountWei);
    /// @notice `account` sent `amountWei` of its free balance to `to`.
    event Withdrawn(address indexed account, address indexed to, uint96 amountWei);
    /// @notice `requester` made the nonces of `mask` in `word` unusable.
    event NoncesInvalidated(address indexed requester, uint256 word, uint256 mask);

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

    /// @notice {deposit} with an ERC-2612 permit, so one transaction is enough.
    /// @dev A permit that someone else submitted first does not fail the deposit: the allowance decides.
    function depositWithPermit(uint96 amountWei, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Moves DUCK by a signed ERC-3009 ReceiveWithAuthorization of `from`; anybody may bring it.
    /// @param signature 65-byte ECDSA signature of `from`, or what its ERC-1271 wallet accepts
    function depositWithAuthorization(
        address from,
        uint96 amountWei,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Sends `amountWei` of the caller's free balance to `to`. No state of any job can block it.
    function withdraw(uint96 amountWei, address to) external;

    /// @notice Makes order nonces unusable, which voids signed orders that were not settled yet.
    /// @param word nonce >> 8
    /// @param mask one bit per nonce & 0xff
    function invalidateNonces(uint256 word, uint256 mask) external;

    /// @notice Free balance of `account` in DUCK wei.
    function accountOf(address account) external view returns (uint96 freeWei);

    /// @notice True when an order of `requester` with this nonce can no longer be entered.
    function nonceUsed(address requester, uint64 nonce) external view returns (bool);
}
