// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IBuyerAccount
/// @notice The requester of everything that one buyer buys by auction. Its tokens are the reserve prices of auctions that
///         are not closed; its free balance in the mesh is the buyer's to reclaim.
/// @dev Only the auction may call. It accepts no ERC-1271 signature, so the auction is the only way to order in its name.
interface IBuyerAccount {
    /// @notice Only the auction that created the account may do this.
    error NotAuction(address caller);

    /// @notice Lets the mesh take deposits. Called once, when the account is created.
    function start() external;

    /// @notice Moves tokens of the account to its free balance in the mesh.
    function fund(uint96 amountWei) external;

    /// @notice Posts a job of this requester.
    /// @return jobId EIP-712 digest of the order
    function post(Order calldata order) external returns (bytes32 jobId);

    /// @notice Takes back a job that nobody accepted.
    function cancel(Order calldata order) external;

    /// @notice Sends from the free balance in the mesh to `to`.
    function withdraw(uint96 amountWei, address to) external;
}
