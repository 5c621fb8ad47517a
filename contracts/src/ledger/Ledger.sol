// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {DuckToken} from "../token/DuckToken.sol";

/// @title Ledger
/// @notice Free balances and order nonces. All other modules move money through `_credit` and `_debit` only.
abstract contract Ledger is ILedger, EIP712, ReentrancyGuardTransient {
    /// @notice The only token held.
    DuckToken public immutable token;

    // Whole words, which saves masking. The supply stays below 2^90 wei, so every sum of balances fits uint96.
    mapping(address account => uint256 freeWei) private _free;
    mapping(address requester => mapping(uint256 word => uint256 bits)) private _nonceBits;

    constructor(DuckToken token_) EIP712("DuckMesh", "1") {
        require(address(token_).code.length != 0, OutOfBounds("token", uint160(address(token_))));
        token = token_;
    }

    /// @inheritdoc ILedger
    function deposit(uint96 amountWei) external nonReentrant {
        _pull(amountWei);
    }

    /// @inheritdoc ILedger
    function depositWithPermit(uint96 amountWei, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        try token.permit(msg.sender, address(this), amountWei, deadline, v, r, s) {}
        catch {
            // Anybody may have submitted the same permit first; transferFrom decides by the allowance.
        }
        _pull(amountWei);
    }

    /// @inheritdoc ILedger
    function depositWithAuthorization(
        address from,
        uint96 amountWei,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external nonReentrant {
        uint256 before = token.balanceOf(address(this));
        token.receiveWithAuthorization(from, address(this), amountWei, validAfter, validBefore, nonce, signature);
        _creditDeposit(from, amountWei, before);
    }

    /// @inheritdoc ILedger
    function withdraw(uint96 amountWei, address to) external nonReentrant {
        _debit(msg.sender, _positive(amountWei));
        emit Withdrawn(msg.sender, to, amountWei);
        _send(to, amountWei);
    }

    /// @inheritdoc ILedger
    function invalidateNonces(uint256 word, uint256 mask) external nonReentrant {
        _nonceBits[msg.sender][word] |= mask;
        emit NoncesInvalidated(msg.sender, word, mask);
    }

    /// @inheritdoc ILedger
    function accountOf(address account) external view returns (uint96 freeWei) {
        return uint96(_free[account]) + _earnedOf(account);
    }

    /// @inheritdoc ILedger
    function nonceUsed(address requester, uint64 nonce) external view returns (bool) {
        return _nonceBits[requester][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @dev Sets the nonce bit; whichever path enters an order first takes it for all of them.
    function _useNonce(address requester, uint64 nonce) internal {
        uint256 bit = 1 << (nonce & 0xff);
        uint256 bits = _nonceBits[requester][nonce >> 8];
        require(bits & bit == 0, NonceUsed(requester, nonce));
        _nonceBits[requester][nonce >> 8] = bits | bit;
    }

    function _credit(address account, uint96 amountWei) internal {
        if (amountWei != 0) _free[account] += amountWei;
    }

    function _debit(address account, uint96 amountWei) internal {
        uint256 have = _free[account];
        if (have < amountWei) have += _takeEarned(account);
        require(have >= amountWei, InsufficientFree(account, uint96(have), amountWei));
        unchecked {
            _free[account] = have - amountWei;
        }
    }

    /// @dev Part of the free balance of `account` that is kept elsewhere, where earning it is cheaper.
    function _earnedOf(address account) internal view virtual returns (uint96);

    /// @dev Empties what `_earnedOf` reports; the caller moves it.
    function _takeEarned(address account) internal virtual returns (uint96);

    /// @dev Last effect of its callers: tokens leave the mesh here and in `_burn` only.
    function _send(address to, uint96 amountWei) internal {
        require(to != address(0) && to != address(this), InvalidRecipient(to));
        // DuckToken reverts on failure and always returns true.
        token.transfer(to, amountWei);
    }

    /// @dev Lowers the total supply by what slashes and disputes lost.
    function _burn(uint96 amountWei) internal {
        if (amountWei != 0) token.burn(amountWei);
    }

    function _positive(uint96 amountWei) internal pure returns (uint96) {
        require(amountWei != 0, ZeroAmount());
        return amountWei;
    }

    function _pull(uint96 amountWei) private {
        uint256 before = token.balanceOf(address(this));
        token.transferFrom(msg.sender, address(this), amountWei);
        _creditDeposit(msg.sender, amountWei, before);
    }

    function _creditDeposit(address account, uint96 amountWei, uint256 balanceBefore) private {
        uint256 got = token.balanceOf(address(this)) - balanceBefore;
        require(got == amountWei, DepositMismatch(got, amountWei));
        _credit(account, _positive(amountWei));
        emit Deposited(account, amountWei);
    }
}
