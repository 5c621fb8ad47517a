// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AuctionStatus} from "../../src/auction/AuctionStore.sol";
import {ReverseAuction} from "../../src/auction/ReverseAuction.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {IReverseAuction} from "../../src/interfaces/IReverseAuction.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {AuctionTerms} from "../../src/types/AuctionTerms.sol";
import {BidWordLib} from "../../src/types/BidWord.sol";
import {JobStatus} from "../../src/types/JobWord.sol";
import {Order} from "../../src/types/Order.sol";
import {vm} from "./Vm.sol";

/// @notice Buyers, bidders and passers-by of auctions, and what a plain book says about them.
contract AuctionHandler {
    uint256 public constant BUYERS = 2;
    uint32 public constant PROVIDERS = 4;
    uint32 private constant EXEC_WINDOW = 100;
    uint40 private constant WINDOW = 5 minutes;
    bytes32 private constant SALT = "salt";

    /// @dev One auction and the book of its bids. Arrays are by provider id.
    struct Tracked {
        AuctionTerms terms;
        bytes32 id;
        uint96[PROVIDERS + 1] bidWei;
        bool[PROVIDERS + 1] revealed;
        Order order; // as it was posted
    }

    DuckToken public immutable token;
    IDuckMesh public immutable mesh;
    ReverseAuction public immutable auction;

    Tracked[] private _tracked;
    address private _starter;
    uint64 private _nonce;
    uint256 public expectedSupplyWei;
    mapping(bytes32 what => uint256) public happened;

    /// @param token_ all of it belongs to this contract when `start` is called
    constructor(DuckToken token_, IDuckMesh mesh_, ReverseAuction auction_) {
        token = token_;
        mesh = mesh_;
        auction = auction_;
        expectedSupplyWei = token_.totalSupply();
    }

    /// @notice Funds the buyers and registers the providers, once.
    function start() external {
        if (_starter != address(0)) return;
        _starter = msg.sender;
        for (uint256 i = 0; i < BUYERS; ++i) {
            _fund(buyer(i), address(auction));
        }
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            _fund(owner(id), address(mesh));
            vm.prank(owner(id));
            mesh.deposit(1_000 ether);
            vm.prank(owner(id));
            mesh.registerProvider(address(uint160(0x3000) + id), 0, "", 1_000 ether);
            vm.prank(owner(id));
            token.approve(address(auction), type(uint256).max);
        }
    }

    function buyer(uint256 index) public pure returns (address) {
        return address(uint160(0x1000 + index));
    }

    function owner(uint32 id) public pure returns (address) {
        return address(uint160(0x2000) + id);
    }

    function count() external view returns (uint256) {
        return _tracked.length;
    }

    function tracked(uint256 index) external view returns (Tracked memory) {
        return _tracked[index];
    }

    function open(uint256 who, uint96 reserveWei, uint96 bondWei) external {
        Tracked storage t = _tracked.push();
        uint40 nowAt = uint40(block.timestamp);
        t.terms.commitBy = nowAt + WINDOW;
        t.terms.revealBy = nowAt + 2 * WINDOW;
        t.terms.closeBy = nowAt + 3 * WINDOW;
        t.terms.order.requester = auction.accountOf(buyer(who % BUYERS));
        t.terms.order.seats = 1;
        t.terms.order.priceWei = reserveWei % 20 == 0 ? 1 : 1 + reserveWei % 10 ether;
        t.terms.order.bondWei = bondWei % 400 ether;
        // Now and then a nonce is used twice, so that an award fails and the auction has to lapse.
        t.terms.order.nonce = who % 16 == 0 ? _nonce : ++_nonce;
        t.terms.order.inputHash = bytes32(_tracked.length);
        t.terms.order.acceptBy = nowAt + 4 * WINDOW;
        t.terms.order.execWindow = EXEC_WINDOW;
        t.id = auction.auctionIdOf(t.terms);
        vm.prank(buyer(who % BUYERS));
        auction.openAuction(t.terms);
    }

    function commit(uint256 which, uint256 provider, uint96 bidWei) external {
        if (_tracked.length == 0) return;
        Tracked storage t = _pick(which);
        uint32 id = uint32(1 + provider % PROVIDERS);
        // Few different prices, so that ties happen; a few above the reserve price, which cannot be revealed.
        uint96 price = uint96((uint256(t.terms.order.priceWei) * (bidWei % 9)) / 7);
        bytes32 commitment = BidWordLib.commitmentOf(t.id, id, price, SALT);
        vm.prank(owner(id));
        try auction.commitBid(t.terms, id, commitment) {
            t.bidWei[id] = price;
            ++happened["commit"];
        } catch {}
    }

    function reveal(uint256 which, uint256 provider, bool forged) external {
        if (_tracked.length == 0) return;
        Tracked storage t = _pick(which);
        uint32 id = uint32(1 + provider % PROVIDERS);
        uint96 price = forged ? t.bidWei[id] + 1 : t.bidWei[id];
        try auction.revealBid(t.terms, id, price, SALT) {
            require(!forged, "forged reveal");
            require(!t.revealed[id], "revealed twice");
            t.revealed[id] = true;
            ++happened["reveal"];
        } catch {}
    }

    function close(uint256 which) public {
        if (_tracked.length == 0) return;
        Tracked storage t = _pick(which);
        try auction.closeAuction(t.terms) {
            _noteClosed(t);
        } catch {}
    }

    function cancel(uint256 which, uint256 who) external {
        if (_tracked.length == 0) return;
        Tracked storage t = _pick(which);
        uint256 own = auction.accountOf(buyer(0)) == t.terms.order.requester ? 0 : 1;
        address caller = buyer(who % 4 == 0 ? 1 - own : own);
        vm.prank(caller);
        try auction.cancelAward(t.terms) {
            require(auction.accountOf(caller) == t.terms.order.requester, "cancelled by another buyer");
            ++happened["cancel"];
        } catch {}
    }

    function settle(uint256 which, uint256 provider) public {
        if (_tracked.length == 0) return;
        Tracked storage t = _pick(which);
        uint32 id = uint32(1 + provider % PROVIDERS);
        uint256 supply = token.totalSupply();
        try auction.settleBid(t.terms, id) {
            uint96 burnedWei = t.revealed[id] ? 0 : t.terms.order.priceWei;
            if (_declined(t, id)) burnedWei = t.terms.order.priceWei - t.terms.order.priceWei / 2;
            require(supply - token.totalSupply() == burnedWei, "burned another amount");
            expectedSupplyWei -= burnedWei;
            ++happened[burnedWei == 0 ? bytes32("returned") : t.revealed[id] ? bytes32("declined") : bytes32("burned")];
        } catch {}
    }

    function reclaim(uint256 who) public {
        address account = buyer(who % BUYERS);
        uint256 before = token.balanceOf(account);
        uint96 dueWei = mesh.accountOf(auction.accountOf(account));
        try auction.reclaim(account) returns (uint96 amountWei) {
            require(amountWei == dueWei && token.balanceOf(account) == before + dueWei, "reclaimed another amount");
            ++happened["reclaim"];
        } catch {
            require(dueWei == 0, "could not reclaim");
        }
    }

    /// @notice What the winner does with its job, if it is its turn.
    function work(uint256 which) external {
        if (_tracked.length == 0) return;
        Order memory order = _pick(which).order;
        bytes32 jobId = mesh.jobIdOf(order);
        uint8 status = mesh.jobOf(jobId).status;
        if (status == JobStatus.OPEN) {
            vm.prank(owner(order.providerId));
            try mesh.acceptJob(order, order.providerId) {
                ++happened["accept"];
            } catch {}
        } else if (status == JobStatus.ACTIVE) {
            vm.prank(owner(order.providerId));
            try mesh.submitResult(jobId, bytes32("output")) {} catch {}
        } else if (status == JobStatus.SUBMITTED) {
            try mesh.finalizeJob(order) {
                ++happened["paid"];
            } catch {}
        }
    }

    function expire(uint256 which) public {
        if (_tracked.length == 0) return;
        uint256 burnedFrom = token.totalSupply();
        try mesh.expireJob(_pick(which).order) {
            // The mesh burned half of the bond of a late winner.
            expectedSupplyWei -= burnedFrom - token.totalSupply();
            ++happened["expire"];
        } catch {}
    }

    function warp(uint32 seconds_) external {
        vm.warp(block.timestamp + 1 + seconds_ % 200);
    }

    /// @notice After all deadlines, pulls every edge that is open to anybody. For the test contract only: as one random
    ///         action among others it would end every run early.
    function drain() external {
        if (msg.sender != _starter) return;
        vm.warp(block.timestamp + 1 days);
        for (uint256 i = 0; i < _tracked.length; ++i) {
            close(i);
            expire(i);
            try mesh.finalizeJob(_tracked[i].order) {} catch {}
            for (uint32 id = 0; id < PROVIDERS; ++id) {
                settle(i, id);
            }
        }
        for (uint256 i = 0; i < BUYERS; ++i) {
            reclaim(i);
        }
    }

    /// @notice Winner and price as a plain book says: lowest of the revealed bids, ties to the lower rank.
    function clearing(uint256 index, uint24[PROVIDERS + 1] memory ranks)
        external
        view
        returns (uint32 winnerId, uint96 priceWei)
    {
        Tracked storage t = _tracked[index];
        priceWei = t.terms.order.priceWei;
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            if (!t.revealed[id]) continue;
            if (winnerId == 0 || _before(t, id, winnerId, ranks)) winnerId = id;
        }
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            if (t.revealed[id] && id != winnerId && t.bidWei[id] < priceWei) priceWei = t.bidWei[id];
        }
    }

    function _before(Tracked storage t, uint32 id, uint32 other, uint24[PROVIDERS + 1] memory ranks)
        private
        view
        returns (bool)
    {
        if (t.bidWei[id] != t.bidWei[other]) return t.bidWei[id] < t.bidWei[other];
        return ranks[id] < ranks[other];
    }

    function _noteClosed(Tracked storage t) private {
        IReverseAuction.Auction memory state = auction.auctionOf(t.id);
        if (state.status == AuctionStatus.LAPSED) {
            ++happened["lapse"];
            return;
        }
        ++happened["award"];
        t.order = t.terms.order;
        t.order.providerId = state.winnerId;
        t.order.priceWei = state.priceWei;
        require(mesh.jobOf(mesh.jobIdOf(t.order)).status == JobStatus.OPEN, "no job was posted");
    }

    /// @dev The winner of an awarded job that expired before it was accepted.
    function _declined(Tracked storage t, uint32 id) private view returns (bool) {
        IReverseAuction.Auction memory state = auction.auctionOf(t.id);
        if (state.status != AuctionStatus.AWARDED || state.winnerId != id) return false;
        bytes32 jobId = mesh.jobIdOf(t.order);
        return mesh.jobOf(jobId).status == JobStatus.REFUNDED;
    }

    function _fund(address account, address spender) private {
        token.transfer(account, 100_000 ether);
        vm.prank(account);
        token.approve(spender, type(uint256).max);
    }

    function _pick(uint256 which) private view returns (Tracked storage) {
        // The latest ones are where something can still happen.
        uint256 recent = _tracked.length < 2 ? 1 : 2;
        return which < _tracked.length ? _tracked[which] : _tracked[_tracked.length - 1 - which % recent];
    }
}
