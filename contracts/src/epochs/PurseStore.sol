// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Balances} from "../libraries/PairedBalances.sol";
import {CoordinatorStore} from "./CoordinatorStore.sol";

/// @title PurseStore
/// @notice Balances of the purses, and their rare half.
abstract contract PurseStore is CoordinatorStore {
    /// @dev Two slots: payer | leavesAfter, then key | leavingWei.
    struct PurseRecord {
        address payer;
        uint40 leavesAfter;
        address key;
        uint96 leavingWei;
    }

    mapping(uint32 coordinatorId => mapping(uint32 purseId => PurseRecord)) internal _purses;
    mapping(uint32 coordinatorId => Balances) internal _purseBalances;
}
