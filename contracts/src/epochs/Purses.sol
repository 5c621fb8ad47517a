// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochCoordinators} from "../interfaces/IEpochCoordinators.sol";
import {IPurses} from "../interfaces/IPurses.sol";
import {PurseStore} from "./PurseStore.sol";

/// @title Purses
/// @notice How payers put money aside for a coordinator and take back what is left.
abstract contract Purses is IPurses, PurseStore {
    /// @inheritdoc IPurses
    function openPurse(uint32 coordinatorId, address key, uint96 amountWei)
        external
        nonReentrant
        returns (uint32 purseId)
    {
        require(key != address(0), ZeroPurseKey());
        IEpochCoordinators.Coordinator storage coordinator = _coordinators[coordinatorId];
        require(coordinator.owner != address(0), IEpochCoordinators.NoCoordinator(coordinatorId));
        purseId = ++coordinator.purseCount;
        _purses[coordinatorId][purseId] = PurseRecord(msg.sender, 0, key, 0);
        emit PurseOpened(coordinatorId, purseId, msg.sender, key);
        _reserve(coordinatorId, purseId, amountWei);
    }

    /// @inheritdoc IPurses
    function reserve(uint32 coordinatorId, uint32 purseId, uint96 amountWei) external nonReentrant {
        require(_purses[coordinatorId][purseId].payer != address(0), NoPurse(coordinatorId, purseId));
        _reserve(coordinatorId, purseId, amountWei);
    }

    /// @inheritdoc IPurses
    function startUnreserve(uint32 coordinatorId, uint32 purseId, uint96 amountWei) external nonReentrant {
        PurseRecord storage purse = _requirePayer(coordinatorId, purseId);
        uint40 leavesAfter = amountWei == 0 ? 0 : uint40(block.timestamp) + exitDelaySeconds();
        purse.leavingWei = amountWei;
        purse.leavesAfter = leavesAfter;
        emit UnreserveStarted(coordinatorId, purseId, amountWei, leavesAfter);
    }

    /// @inheritdoc IPurses
    function unreserve(uint32 coordinatorId, uint32 purseId, address to) external nonReentrant {
        PurseRecord storage purse = _requirePayer(coordinatorId, purseId);
        uint96 leavingWei = purse.leavingWei;
        require(leavingWei != 0, NothingLeaving(coordinatorId, purseId));
        _requireAfter(purse.leavesAfter);
        uint96 balanceWei = _purseBalances[coordinatorId].balanceOf(purseId);
        uint96 amountWei = _positive(balanceWei < leavingWei ? balanceWei : leavingWei);
        purse.leavingWei = 0;
        purse.leavesAfter = 0;
        _purseBalances[coordinatorId].take(purseId, amountWei);
        emit Unreserved(coordinatorId, purseId, to, amountWei);
        _send(to, amountWei);
    }

    /// @inheritdoc IPurses
    function purseOf(uint32 coordinatorId, uint32 purseId) external view returns (Purse memory) {
        PurseRecord storage purse = _purses[coordinatorId][purseId];
        return Purse(
            purse.payer,
            purse.leavesAfter,
            purse.key,
            purse.leavingWei,
            _purseBalances[coordinatorId].balanceOf(purseId)
        );
    }

    function _reserve(uint32 coordinatorId, uint32 purseId, uint96 amountWei) private {
        _purseBalances[coordinatorId].add(purseId, _positive(amountWei));
        emit Reserved(coordinatorId, purseId, amountWei);
        _pull(amountWei);
    }

    function _requirePayer(uint32 coordinatorId, uint32 purseId) private view returns (PurseRecord storage purse) {
        purse = _purses[coordinatorId][purseId];
        require(msg.sender == purse.payer, NotAllowed(purse.payer, msg.sender));
    }
}
