// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochCoordinators} from "../interfaces/IEpochCoordinators.sol";
import {IRedemption} from "../interfaces/IRedemption.sol";
import {EpochStore} from "./EpochStore.sol";

/// @title CoordinatorStore
/// @notice Records of the coordinators, and which serials still wait for an epoch.
abstract contract CoordinatorStore is EpochStore {
    /// @dev Three slots (see the struct): key | nextSerial | presentAt, then freeBondWei | feesWei, then the cold rest.
    ///      Posting writes the first two, applying the second.
    mapping(uint32 coordinatorId => IEpochCoordinators.Coordinator) internal _coordinators;
    uint32 internal _coordinatorCount;

    struct Serial {
        IRedemption.SerialStatus status;
        uint40 since; // when it was reopened
    }

    mapping(uint32 coordinatorId => mapping(uint32 serial => Serial)) internal _serials;

    function _requireOwner(uint32 coordinatorId)
        internal
        view
        returns (IEpochCoordinators.Coordinator storage coordinator)
    {
        coordinator = _coordinators[coordinatorId];
        require(msg.sender == coordinator.owner, NotAllowed(coordinator.owner, msg.sender));
    }
}
