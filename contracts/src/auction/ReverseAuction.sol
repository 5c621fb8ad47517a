// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IBuyerAccount} from "../interfaces/IBuyerAccount.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IMeshTerms} from "../interfaces/IMeshTerms.sol";
import {IReverseAuction} from "../interfaces/IReverseAuction.sol";
import {Shares} from "../libraries/Shares.sol";
import {AuctionTerms} from "../types/AuctionTerms.sol";
import {JobMode} from "../types/JobMode.sol";
import {Order} from "../types/Order.sol";
import {Terms} from "../types/Terms.sol";
import {AuctionStatus, AuctionStore} from "./AuctionStore.sol";
import {BidDeposits} from "./BidDeposits.sol";
import {SealedBids} from "./SealedBids.sol";

/// @title ReverseAuction
/// @notice Opens auctions, awards their jobs, and gives buyers back what is theirs. No owner, no proxy, no pause.
/// @dev Where the money is, all in DUCK wei:
///        token.balanceOf(this)             = deposits of bids that are not settled (+ donations)
///        token.balanceOf(account of buyer) = reserve prices of the buyer's open auctions (+ donations)
///        free balance of the account       = what the buyer can reclaim; the rest of it is in open jobs of the mesh
contract ReverseAuction is SealedBids, BidDeposits {
    /// @dev Least time to reveal, to close and to accept, so that no terms are a trap.
    uint40 private constant MIN_WINDOW_SECONDS = 5 minutes;
    /// @dev The most that a job of this mode can take: three to be executed by one provider or, when that one is late, by
    ///      another, and three more to be executed again when it is disputed.
    uint256 private constant MAX_EXEC_WINDOWS = 6;

    constructor(IDuckMesh mesh_) AuctionStore(mesh_) {}

    /// @inheritdoc IReverseAuction
    function openAuction(AuctionTerms calldata terms) external nonReentrant returns (bytes32 auctionId) {
        (auctionId,) = _load(terms, AuctionStatus.NONE);
        _requireSound(terms);
        uint96 reserveWei = terms.order.priceWei;
        _auctions[auctionId] =
            Auction({bestWei: 0, priceWei: reserveWei, winnerId: 0, bids: 0, status: AuctionStatus.OPEN});
        emit AuctionOpened(auctionId, msg.sender, terms.order.modelId, terms);
        address account = terms.order.requester;
        if (account.code.length == 0) {
            Clones.cloneDeterministic(accountCode, _saltOf(msg.sender));
            IBuyerAccount(account).start();
        }
        token.transferFrom(msg.sender, account, reserveWei);
    }

    /// @inheritdoc IReverseAuction
    function closeAuction(AuctionTerms calldata terms) external nonReentrant {
        (bytes32 auctionId, Auction memory auction) = _load(terms, AuctionStatus.OPEN);
        _requireAfter(terms.revealBy);
        IBuyerAccount account = IBuyerAccount(terms.order.requester);
        if (auction.winnerId == 0 || block.timestamp > terms.closeBy) {
            _auctions[auctionId].status = AuctionStatus.LAPSED;
            account.fund(terms.order.priceWei);
            emit AuctionLapsed(auctionId);
        } else {
            _auctions[auctionId].status = AuctionStatus.AWARDED;
            account.fund(terms.order.priceWei);
            bytes32 jobId = account.post(terms.awardTo(auction.winnerId, auction.priceWei));
            emit AuctionAwarded(auctionId, jobId, auction.winnerId, auction.bestWei, auction.priceWei);
        }
    }

    /// @inheritdoc IReverseAuction
    function cancelAward(AuctionTerms calldata terms) external nonReentrant {
        (bytes32 auctionId, Auction memory auction) = _load(terms, AuctionStatus.AWARDED);
        _requireAccountOf(msg.sender, terms.order.requester);
        _auctions[auctionId].status = AuctionStatus.LAPSED;
        emit AuctionLapsed(auctionId);
        IBuyerAccount(terms.order.requester).cancel(terms.awardTo(auction.winnerId, auction.priceWei));
    }

    /// @inheritdoc IReverseAuction
    function reclaim(address buyer) external nonReentrant returns (uint96 amountWei) {
        address account = accountOf(buyer);
        amountWei = mesh.accountOf(account);
        require(amountWei != 0, NothingToReclaim(buyer));
        emit Reclaimed(buyer, amountWei);
        IBuyerAccount(account).withdraw(amountWei, buyer);
    }

    function _requireAccountOf(address buyer, address have) private view {
        address want = accountOf(buyer);
        require(have == want, WrongAccount(have, want));
    }

    /// @dev Refuses what the mesh would refuse to post. If governance shortens its terms or the guardian freezes the mesh
    ///      later, the auction cannot be awarded and lapses after closeBy.
    function _requireSound(AuctionTerms calldata terms) private view {
        Order calldata order = terms.order;
        _requireAccountOf(msg.sender, order.requester);
        require(order.providerId == 0, IJobMarket.WrongProvider(order.providerId, 0));
        require(order.mode == JobMode.SIGNED, IJobMarket.UnsupportedMode(order.mode));
        require(order.priceWei != 0, ILedger.ZeroAmount());
        _requireNotAfter(terms.commitBy);
        _requireWindow(terms.commitBy, terms.revealBy);
        _requireWindow(terms.revealBy, terms.closeBy);
        _requireWindow(terms.closeBy, order.acceptBy);
        (, Terms memory limits,) = mesh.terms();
        uint256 life =
            order.acceptBy - block.timestamp + MAX_EXEC_WINDOWS * order.execWindow + order.disputeWindow;
        require(life <= limits.maxJobLifeSeconds, IJobMarket.LifeTooLong(life, limits.maxJobLifeSeconds));
        // The price can only be lower than the reserve price, and the least bond with it.
        uint96 minBondWei = uint96(uint256(order.priceWei) * limits.minBondBps / Shares.BPS);
        require(order.bondWei >= minBondWei, IMeshTerms.BondTooLow(order.bondWei, minBondWei));
    }

    function _requireWindow(uint40 from, uint40 until) private pure {
        require(until >= uint256(from) + MIN_WINDOW_SECONDS, WindowTooShort(from, until, MIN_WINDOW_SECONDS));
    }
}
