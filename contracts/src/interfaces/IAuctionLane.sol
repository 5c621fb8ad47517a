// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IAuctionLane
/// @notice Reverse second-price auction (Vickrey 1961) of a signed order, held off chain and settled in one transaction.
/// @dev The order's coordinator collects the bids and signs the list, which is in the calldata for everybody to see. The
///      contract finds winner and price itself. It does not see bids that the coordinator left out: a bidder whose bid
///      was acknowledged and is missing holds the coordinator's word against it. ReverseAuction needs no coordinator.
///      What ISignedLane says about trust holds here: the price is not in escrow. Orders of this lane say mode 5
///      (JobMode.AUCTION): no other lane pays them, or the winner would take the whole price there.
interface IAuctionLane {
    /// @param amountWei the second price, gross
    event AuctionSettled(
        bytes32 indexed jobId, uint32 indexed providerId, uint96 amountWei, bytes32 outputHash
    );

    /// @notice The list is not made of bids of 16 bytes.
    error BadBids(uint256 bytes_);
    /// @notice No bid is at or below the price of the order.
    error NoBid(bytes32 jobId);

    /// @notice Pays the lowest bidder the second lowest bid, or the order's price where there is none below it; up to the
    ///         second acceptBy + execWindow. Called by the winner's owner or signing key, which stands for its receipt.
    /// @param orderSig requester's signature (ECDSA or ERC-1271); its price is the most it pays
    /// @param bids 16 bytes each, big-endian: providerId 4 | priceWei 12
    /// @param resultSig signature of order.coordinator over AuctionResult(jobId, bids)
    function settleAuction(
        Order calldata order,
        bytes calldata orderSig,
        bytes calldata bids,
        bytes calldata resultSig,
        bytes32 outputHash
    ) external;
}
