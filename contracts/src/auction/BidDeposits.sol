// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBuyerAccount} from "../interfaces/IBuyerAccount.sol";
import {IJobClosing} from "../interfaces/IJobClosing.sol";
import {IReverseAuction} from "../interfaces/IReverseAuction.sol";
import {Shares} from "../libraries/Shares.sol";
import {AuctionTerms} from "../types/AuctionTerms.sol";
import {BidStatus, BidWord} from "../types/BidWord.sol";
import {JobStatus} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {AuctionStatus, AuctionStore} from "./AuctionStore.sol";

/// @title BidDeposits
/// @notice Where the deposits of bids go when the auction is closed.
abstract contract BidDeposits is AuctionStore {
    /// @inheritdoc IReverseAuction
    function settleBid(AuctionTerms calldata terms, uint32 providerId) external nonReentrant {
        bytes32 auctionId = auctionIdOf(terms);
        Auction memory auction = _auctions[auctionId];
        bool awarded = auction.status == AuctionStatus.AWARDED;
        require(awarded || auction.status == AuctionStatus.LAPSED, BadAuctionState(auctionId, auction.status));
        BidWord word = _bids[auctionId][providerId];
        require(word.status() != BidStatus.NONE, NoBid(auctionId, providerId));
        _bids[auctionId][providerId] = BidWord.wrap(0);
        if (word.status() == BidStatus.SEALED) {
            // A share for the buyer would be a rebate on its own shills.
            _forfeit(terms, auctionId, providerId, terms.order.priceWei);
        } else if (awarded && providerId == auction.winnerId && _declined(terms, auction)) {
            _forfeit(terms, auctionId, providerId, Shares.burnedUp(terms.order.priceWei));
        } else {
            address owner = mesh.providerOf(providerId).owner;
            emit DepositReturned(auctionId, providerId, owner, terms.order.priceWei);
            token.transfer(owner, terms.order.priceWei);
        }
    }

    /// @dev Burns a part of the deposit; the rest goes to the buyer's account.
    function _forfeit(AuctionTerms calldata terms, bytes32 auctionId, uint32 providerId, uint96 burnedWei) private {
        uint96 toBuyerWei = terms.order.priceWei - burnedWei;
        emit DepositForfeited(auctionId, providerId, burnedWei, toBuyerWei);
        token.burn(burnedWei);
        if (toBuyerWei == 0) return;
        token.transfer(terms.order.requester, toBuyerWei);
        IBuyerAccount(terms.order.requester).fund(toBuyerWei);
    }

    /// @dev True when the job expired without having been accepted; expires it if nobody did, which the mesh refuses up
    ///      to acceptBy. A job that the buyer took back makes the auction lapse and does not get here; a refund after a
    ///      dispute names the provider.
    function _declined(AuctionTerms calldata terms, Auction memory auction) private returns (bool) {
        Order memory order = terms.awardTo(auction.winnerId, auction.priceWei);
        IJobClosing.Job memory job = mesh.jobOf(mesh.jobIdOf(order));
        if (job.status == JobStatus.OPEN) {
            mesh.expireJob(order);
            return true;
        }
        return job.status == JobStatus.REFUNDED && job.providerId == 0;
    }
}
