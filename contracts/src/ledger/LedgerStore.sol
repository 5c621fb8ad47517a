// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {DuckToken} from "../token/DuckToken.sol";
import {MeshDomain} from "./MeshDomain.sol";

/// @title LedgerStore
/// @notice Free balances and order nonces. All modules move money through `_credit` and `_debit` only.
abstract contract LedgerStore is MeshDomain {
    /// @dev The only token held.
    DuckToken internal immutable duck;

    /// @dev One word. As a struct it has a storage pointer, which finds its slot once for reading and writing.
    struct Word {
        uint256 bits;
    }

    // The supply stays below 2^90 wei, so no sum of balances reaches beyond 96 bits.
    mapping(address account => Word) private _balances;
    mapping(address requester => mapping(uint256 word => Word)) internal _nonces;

    // One while an entry runs. In transient storage, which all parts share like all other storage.
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
        unchecked {
            if (amountWei != 0) _balances[account].bits += amountWei;
        }
    }

    function _debit(address account, uint96 amountWei) internal {
        Word storage word = _balances[account];
        uint256 freeWei = word.bits;
        if (freeWei < amountWei) freeWei += _takeEarned(account);
        require(freeWei >= amountWei, ILedger.InsufficientFree(account, uint96(freeWei), amountWei));
        unchecked {
            word.bits = freeWei - amountWei;
        }
    }

    function _freeOf(address account) internal view returns (uint96) {
        return uint96(_balances[account].bits);
    }

    /// @dev Replaces a balance, which its caller read before.
    function _setFree(address account, uint256 freeWei) internal {
        _balances[account].bits = freeWei;
    }

    /// @dev Part of the free balance of `account` that is kept elsewhere, where earning it is cheaper.
    function _earnedOf(address account) internal view virtual returns (uint96);

    /// @dev Empties what `_earnedOf` reports; the caller moves it. Changes no balance but the treasury's.
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
