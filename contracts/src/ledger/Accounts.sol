// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IAccounts} from "../interfaces/IAccounts.sol";
import {LedgerStore} from "./LedgerStore.sol";

/// @title Accounts
/// @notice Deposits by signature, nonces. Part of DuckMeshAccounts.
abstract contract Accounts is IAccounts, LedgerStore, Delegated {
    /// @inheritdoc IAccounts
    function depositWithPermit(uint96 amountWei, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        delegated
        nonReentrant
    {
        try duck.permit(msg.sender, address(this), amountWei, deadline, v, r, s) {}
        catch {
            // Anybody may have submitted the same permit first; transferFrom decides by the allowance.
        }
        _pull(amountWei);
    }

    /// @inheritdoc IAccounts
    function depositWithAuthorization(
        address from,
        uint96 amountWei,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external delegated nonReentrant {
        uint256 before = duck.balanceOf(address(this));
        duck.receiveWithAuthorization(from, address(this), amountWei, validAfter, validBefore, nonce, signature);
        _creditDeposit(from, amountWei, before);
    }

    /// @inheritdoc IAccounts
    function invalidateNonces(uint256 word, uint256 mask) external delegated nonReentrant {
        _nonces[msg.sender][word].bits |= mask;
        emit NoncesInvalidated(msg.sender, word, mask);
    }

    /// @inheritdoc IAccounts
    function accountOf(address account) external view returns (uint96 freeWei) {
        return _freeOf(account) + _earnedOf(account);
    }

    /// @inheritdoc IAccounts
    function nonceUsed(address requester, uint64 nonce) external view returns (bool) {
        return _nonces[requester][nonce >> 8].bits & (1 << (nonce & 0xff)) != 0;
    }
}
