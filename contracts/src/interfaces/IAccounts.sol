// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IAccounts
/// @notice What accounts do now and then: pay in by a signature, void nonces, look things up. The hot half of the ledger
///         is ILedger.
interface IAccounts {
    /// @notice `requester` made the nonces of `mask` in `word` unusable.
    event NoncesInvalidated(address indexed requester, uint256 word, uint256 mask);

    /// @notice {ILedger-deposit} with an ERC-2612 permit, so one transaction is enough.
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

    /// @notice Makes order nonces unusable, which voids signed orders that were not settled yet.
    /// @param word nonce >> 8
    /// @param mask one bit per nonce & 0xff
    function invalidateNonces(uint256 word, uint256 mask) external;

    /// @notice Free balance of `account` in DUCK wei; what its provider earned counts without the fee.
    function accountOf(address account) external view returns (uint96 freeWei);

    /// @notice True when an order of `requester` with this nonce can no longer be entered.
    function nonceUsed(address requester, uint64 nonce) external view returns (bool);
}
