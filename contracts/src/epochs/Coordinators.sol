// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochCoordinators} from "../interfaces/IEpochCoordinators.sol";
import {CoordinatorStore} from "./CoordinatorStore.sol";

/// @title Coordinators
/// @notice Registration and bond of coordinators.
abstract contract Coordinators is IEpochCoordinators, CoordinatorStore {
    /// @inheritdoc IEpochCoordinators
    function registerCoordinator(address key, uint96 bondWei) external nonReentrant returns (uint32 coordinatorId) {
        require(key != address(0), ZeroCoordinatorKey());
        coordinatorId = ++_coordinatorCount;
        require(bondWei >= minEpochBondWei, InsufficientBond(coordinatorId, bondWei, minEpochBondWei));
        Coordinator storage coordinator = _coordinators[coordinatorId];
        coordinator.key = key;
        coordinator.nextSerial = 1;
        coordinator.presentAt = uint40(block.timestamp);
        coordinator.freeBondWei = bondWei;
        coordinator.owner = msg.sender;
        emit CoordinatorRegistered(coordinatorId, msg.sender, key);
        emit BondAdded(coordinatorId, bondWei);
        _pull(bondWei);
    }

    /// @inheritdoc IEpochCoordinators
    function addBond(uint32 coordinatorId, uint96 amountWei) external nonReentrant {
        Coordinator storage coordinator = _requireOwner(coordinatorId);
        coordinator.freeBondWei += _positive(amountWei);
        coordinator.exitAfter = 0;
        emit BondAdded(coordinatorId, amountWei);
        _pull(amountWei);
    }

    /// @inheritdoc IEpochCoordinators
    function startExit(uint32 coordinatorId) external nonReentrant {
        Coordinator storage coordinator = _requireOwner(coordinatorId);
        uint40 exitAfter = uint40(block.timestamp) + exitDelaySeconds();
        coordinator.exitAfter = exitAfter;
        emit ExitStarted(coordinatorId, exitAfter);
    }

    /// @inheritdoc IEpochCoordinators
    function withdrawBond(uint32 coordinatorId, address to) external nonReentrant {
        Coordinator storage coordinator = _requireOwner(coordinatorId);
        require(coordinator.exitAfter != 0, NotExiting(coordinatorId));
        _requireAfter(coordinator.exitAfter);
        uint96 amountWei = _positive(coordinator.freeBondWei);
        coordinator.freeBondWei = 0;
        emit BondWithdrawn(coordinatorId, to, amountWei);
        _send(to, amountWei);
    }

    /// @inheritdoc IEpochCoordinators
    function coordinatorOf(uint32 coordinatorId) external view returns (Coordinator memory) {
        return _coordinators[coordinatorId];
    }

    /// @inheritdoc IEpochCoordinators
    function coordinatorCount() external view returns (uint32) {
        return _coordinatorCount;
    }
}
