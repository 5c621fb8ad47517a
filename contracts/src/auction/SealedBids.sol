// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {IReverseAuction} from "../interfaces/IReverseAuction.sol";
import {AuctionTerms} from "../types/AuctionTerms.sol";
import {BidStatus, BidWord, BidWordLib} from "../types/BidWord.sol";
import {AuctionStatus, AuctionStore} from "./AuctionStore.sol";

/// @title SealedBids
/// @notice Commits and reveals. The two lowest bids are kept as they are revealed, so no call loops over bids and their
///         number needs no limit.
abstract contract SealedBids is AuctionStore {
    /// @inheritdoc IReverseAuction
    function commitBid(AuctionTerms calldata terms, uint32 providerId, bytes32 commitment) external nonReentrant {
        (bytes32 auctionId, Auction memory auction) = _load(terms, AuctionStatus.OPEN);
        _requireNotAfter(terms.commitBy);
        _requireOperator(providerId);
        require(_bids[auctionId][providerId].status() == BidStatus.NONE, AlreadyBid(auctionId, providerId));
        uint24 rank = auction.bids + 1;
        _auctions[auctionId].bids = rank;
        _bids[auctionId][providerId] = BidWordLib.pack(BidStatus.SEALED, rank, commitment);
        emit BidCommitted(auctionId, providerId, commitment);
        token.transferFrom(msg.sender, address(this), terms.order.priceWei);
    }

    /// @inheritdoc IReverseAuction
    function revealBid(AuctionTerms calldata terms, uint32 providerId, uint96 bidWei, bytes32 salt)
        external
        nonReentrant
    {
        (bytes32 auctionId, Auction memory auction) = _load(terms, AuctionStatus.OPEN);
        _requireAfter(terms.commitBy);
        _requireNotAfter(terms.revealBy);
        require(bidWei <= terms.order.priceWei, AboveReserve(bidWei, terms.order.priceWei));
        BidWord word = _bids[auctionId][providerId];
        require(word.status() == BidStatus.SEALED, NoBid(auctionId, providerId));
        bytes32 commitment = BidWordLib.commitmentOf(auctionId, providerId, bidWei, salt);
        require(word.tag() == BidWordLib.tagOf(commitment), BadReveal(auctionId, providerId));
        _bids[auctionId][providerId] = BidWordLib.pack(BidStatus.REVEALED, word.rank(), commitment);
        if (_beats(auctionId, auction, bidWei, word.rank())) {
            // The reserve price stays until there is a second bid.
            if (auction.winnerId != 0) auction.priceWei = auction.bestWei;
            auction.bestWei = bidWei;
            auction.winnerId = providerId;
            _auctions[auctionId] = auction;
        } else if (bidWei < auction.priceWei) {
            _auctions[auctionId].priceWei = bidWei;
        }
        emit BidRevealed(auctionId, providerId, bidWei);
    }

    /// @dev Lower, or equal and committed earlier.
    function _beats(bytes32 auctionId, Auction memory auction, uint96 bidWei, uint24 rank)
        private
        view
        returns (bool)
    {
        if (auction.winnerId == 0) return true;
        if (bidWei != auction.bestWei) return bidWei < auction.bestWei;
        return rank < _bids[auctionId][auction.winnerId].rank();
    }

    function _requireOperator(uint32 providerId) private view {
        IProviderRegistry.Provider memory provider = mesh.providerOf(providerId);
        bool operates = msg.sender == provider.owner || msg.sender == provider.signingKey;
        require(operates, IProviderRegistry.NotProvider(providerId, msg.sender));
        require(mesh.isActive(providerId), IProviderRegistry.ProviderInactive(providerId));
    }
}
