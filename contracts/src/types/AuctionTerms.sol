// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "./Order.sol";

using AuctionTermsLib for AuctionTerms global;

/// @notice What is auctioned and until when. Chosen by the buyer, passed in calldata ever after, never stored.
/// @dev Times are unix seconds, each the last valid one.
struct AuctionTerms {
    Order order; // the job: requester = the buyer's account, providerId = 0, mode = 0, priceWei = the reserve price
    uint40 commitBy; // to commit a bid
    uint40 revealBy; // to reveal one
    uint40 closeBy; // to award the job; from then on the auction only lapses
}

/// @notice What follows from {AuctionTerms}.
library AuctionTermsLib {
    /// @notice The order that the winner gets.
    function awardTo(AuctionTerms calldata terms, uint32 winnerId, uint96 priceWei)
        internal
        pure
        returns (Order memory order)
    {
        order = terms.order;
        order.providerId = winnerId;
        order.priceWei = priceWei;
    }
}
