// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEarnings} from "../interfaces/IEarnings.sol";
import {IMeshTerms} from "../interfaces/IMeshTerms.sol";
import {Balances} from "../libraries/PairedBalances.sol";
import {CoordinatorStore} from "./CoordinatorStore.sol";

/// @title Earnings
/// @notice What providers and the treasury earned here.
abstract contract Earnings is IEarnings, CoordinatorStore {
    Balances internal _earnings;

    /// @inheritdoc IEarnings
    function withdrawEarnings(uint32 providerId) external nonReentrant {
        uint96 amountWei = _positive(_earnings.balanceOf(providerId));
        _earnings.take(providerId, amountWei);
        address owner = _ownerOfProvider(providerId);
        emit EarningsWithdrawn(providerId, owner, amountWei);
        _send(owner, amountWei);
    }

    /// @inheritdoc IEarnings
    function withdrawFees(uint32 coordinatorId) external nonReentrant {
        uint96 amountWei = _positive(_coordinators[coordinatorId].feesWei);
        _coordinators[coordinatorId].feesWei = 0;
        address treasury = IMeshTerms(mesh).treasury();
        emit FeesWithdrawn(coordinatorId, treasury, amountWei);
        _send(treasury, amountWei);
    }

    /// @inheritdoc IEarnings
    function earningsOf(uint32 providerId) external view returns (uint96) {
        return _earnings.balanceOf(providerId);
    }
}
