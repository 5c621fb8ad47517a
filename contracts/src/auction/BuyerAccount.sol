// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBuyerAccount} from "../interfaces/IBuyerAccount.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {Order} from "../types/Order.sol";

/// @title BuyerAccount
/// @notice Code of all buyer accounts. An account is a minimal clone of it and has no storage.
/// @dev The mesh credits refunds and slashes to the requester without saying which job they are from. One requester per
///      buyer makes them the buyer's without any further book.
contract BuyerAccount is IBuyerAccount {
    // Immutables are in the code, which all clones share.
    address private immutable _auction = msg.sender;
    IDuckMesh private immutable _mesh;

    modifier onlyAuction() {
        require(msg.sender == _auction, NotAuction(msg.sender));
        _;
    }

    constructor(IDuckMesh mesh_) {
        _mesh = mesh_;
    }

    /// @inheritdoc IBuyerAccount
    function start() external onlyAuction {
        // The mesh takes tokens from its caller only, and this account calls deposit in `fund` only.
        _mesh.token().approve(address(_mesh), type(uint256).max);
    }

    /// @inheritdoc IBuyerAccount
    function fund(uint96 amountWei) external onlyAuction {
        _mesh.deposit(amountWei);
    }

    /// @inheritdoc IBuyerAccount
    function post(Order calldata order) external onlyAuction returns (bytes32 jobId) {
        return _mesh.postJob(order);
    }

    /// @inheritdoc IBuyerAccount
    function cancel(Order calldata order) external onlyAuction {
        _mesh.cancelJob(order);
    }

    /// @inheritdoc IBuyerAccount
    function withdraw(uint96 amountWei, address to) external onlyAuction {
        _mesh.withdraw(amountWei, to);
    }
}
