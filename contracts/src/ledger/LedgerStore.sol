// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {DuckToken} from "../token/DuckToken.sol";
import {MeshDomain} from "./MeshDomain.sol";

/// @title LedgerStore
/// @notice Free balances and order nonces. All modules move money through `_credit` and `_debit` only.
abstract contract LedgerStore is MeshDomain {
    uint256 private constant FEE_SHIFT = 96;

    /// @dev The only token held.
    DuckToken internal immutable duck;

    /// @dev One word. As a struct it has a storage pointer, which finds its slot once for reading and writing.
    struct Word {
        uint256 bits;
    }

    // Low 96 bits: free balance. Above them: fees that the account paid and nobody collected for the treasury yet. The
    // supply stays below 2^90 wei, so no sum of balances reaches beyond 96 bits.
    mapping(address account => Word) private _balances;
    mapping(address requester => mapping(uint256 word => Word)) internal _nonces;

    // One while an entry runs. In transient storage, which the extension shares like all other storage.
    uint256 private transient _entered;

    /// @dev OpenZeppelin's ReentrancyGuardTransient in fewer steps, with the same error.
    modifier nonReentrant() {
        require(_entered == 0, ReentrancyGuardTransient.ReentrancyGuardReentrantCall());
        _entered = 1;
        _;
        _entered = 0;
    }

    constructor(DuckToken token_) {
        require(address(token_).code.length != 0, ILedger.OutOfBounds("token", uint160(address(token_))));
        duck = token_;
    }

    /// @dev Sets the nonce bit; whichever path enters an order first takes it for all of them.
    function _useNonce(address requester, uint64 nonce) internal {
        uint256 bit = 1 << (nonce & 0xff);
        Word storage word = _nonces[requester][nonce >> 8];
        uint256 bits = word.bits;
        require(bits & bit == 0, ILedger.NonceUsed(requester, nonce));
        word.bits = bits | bit;
    }

    function _credit(address account, uint96 amountWei) internal {
        // Neither half can overflow into the other.
        unchecked {
            if (amountWei != 0) _balances[account].bits += amountWei;
        }
    }

    function _debit(address account, uint96 amountWei) internal {
        _debitWithFee(account, amountWei, 0);
    }

    /// @dev Takes `amountWei`, of which `feeWei` waits beside the balance until it is collected.
    function _debitWithFee(address account, uint96 amountWei, uint96 feeWei) internal {
        Word storage word = _balances[account];
        uint256 bits = word.bits;
        if (uint96(bits) < amountWei) bits += _takeEarned(account);
        require(uint96(bits) >= amountWei, ILedger.InsufficientFree(account, uint96(bits), amountWei));
        unchecked {
            word.bits = bits - amountWei + (uint256(feeWei) << FEE_SHIFT);
        }
    }

    /// @dev Empties the fees that wait beside a balance; the caller moves them.
    function _takeFee(address account) internal returns (uint96 feeWei) {
        Word storage word = _balances[account];
        feeWei = uint96(word.bits >> FEE_SHIFT);
        if (feeWei != 0) word.bits = uint96(word.bits);
    }

    function _feeDueOf(address account) internal view returns (uint96) {
        return uint96(_balances[account].bits >> FEE_SHIFT);
    }

    function _freeOf(address account) internal view returns (uint96) {
        return uint96(_balances[account].bits);
    }

    /// @dev Replaces a balance, which its caller read before, and leaves the fees beside it.
    function _setFree(address account, uint256 freeWei) internal {
        Word storage word = _balances[account];
        word.bits = (word.bits >> FEE_SHIFT << FEE_SHIFT) | freeWei;
    }

    /// @dev Part of the free balance of `account` that is kept elsewhere, where earning it is cheaper.
    function _earnedOf(address account) internal view virtual returns (uint96);

    /// @dev Empties what `_earnedOf` reports; the caller moves it.
    function _takeEarned(address account) internal virtual returns (uint96);

    /// @dev Last effect of its callers: tokens leave the mesh here and in `_burn` only.
    function _send(address to, uint96 amountWei) internal {
        require(to != address(0) && to != address(this), ILedger.InvalidRecipient(to));
        // DuckToken reverts on failure and always returns true.
        duck.transfer(to, amountWei);
    }

    /// @dev Lowers the total supply by what slashes and disputes lost.
    function _burn(uint96 amountWei) internal {
        if (amountWei != 0) duck.burn(amountWei);
    }

    function _positive(uint96 amountWei) internal pure returns (uint96) {
        require(amountWei != 0, ILedger.ZeroAmount());
        return amountWei;
    }

    /// @dev Moves approved tokens of the caller in.
    function _pull(uint96 amountWei) internal {
        uint256 before = duck.balanceOf(address(this));
        duck.transferFrom(msg.sender, address(this), amountWei);
        _creditDeposit(msg.sender, amountWei, before);
    }

    /// @dev Credits what really arrived, which must be what was asked for.
    function _creditDeposit(address account, uint96 amountWei, uint256 balanceBefore) internal {
        uint256 got = duck.balanceOf(address(this)) - balanceBefore;
        require(got == amountWei, ILedger.DepositMismatch(got, amountWei));
        _credit(account, _positive(amountWei));
        emit ILedger.Deposited(account, amountWei);
    }
}
