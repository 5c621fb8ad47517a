// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuckToken} from "../token/DuckToken.sol";
import {EpochParams} from "../types/EpochParams.sol";
import {Coordinators} from "./Coordinators.sol";
import {EpochProofs} from "./EpochProofs.sol";
import {Epochs} from "./Epochs.sol";
import {EpochStore} from "./EpochStore.sol";
import {Purses} from "./Purses.sol";
import {Redemption} from "./Redemption.sol";

/// @title EpochSettler
/// @notice Settles thousands of small jobs in two transactions. A bonded coordinator posts what every purse pays and every
///         provider earns, with the roots of two sum trees over the same leaves; anybody can ask for a leaf or prove the
///         epoch wrong before it is applied. No owner, no proxy, no pause.
/// @dev token.balanceOf(this) = balances of purses + totals of epochs that are neither applied nor refunded, less the part
///      that was + earnings + fees + bonds, free or at stake + deposits of open challenges + what is owed to addresses,
///      plus what anybody sends here without a call, which belongs to nobody.
///      It holds its own money and has no right to any in the mesh: a voucher is no order, draws on one purse, and
///      counts in one serial, which either an epoch or redemption settles.
contract EpochSettler is Coordinators, Purses, Epochs, EpochProofs, Redemption {
    /// @param mesh_ the DuckMesh whose providers are paid; asked for its fee, its treasury and the owners of providers
    constructor(DuckToken token_, address mesh_, EpochParams memory params_) EpochStore(token_, mesh_, params_) {}
}
