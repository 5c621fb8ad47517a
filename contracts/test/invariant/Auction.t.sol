// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AuctionStatus} from "../../src/auction/AuctionStore.sol";
import {ReverseAuction} from "../../src/auction/ReverseAuction.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {IReverseAuction} from "../../src/interfaces/IReverseAuction.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {BidStatus, BidWord, BidWordLib} from "../../src/types/BidWord.sol";
import {JobStatus} from "../../src/types/JobWord.sol";
import {AuctionHandler} from "./AuctionHandler.sol";
import {MeshDeployment} from "./MeshDeployment.sol";
import {vm} from "./Vm.sol";

interface ChainIdVm {
    function chainId(uint256 chainId) external;
}

/// @notice What must hold after any sequence of calls by buyers, bidders and passers-by.
contract AuctionTest {
    address private constant TREASURY = address(0x7EA5);
    uint32 private constant PROVIDERS = 4;

    DuckToken private _token;
    IDuckMesh private _mesh;
    ReverseAuction private _auction;
    AuctionHandler private _handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        _token = new DuckToken(address(this));
        (_mesh,) = MeshDeployment.deploy(_token, TREASURY, address(this));
        _auction = new ReverseAuction(_mesh);
        _handler = new AuctionHandler(_token, _mesh, _auction);
        _token.transfer(address(_handler), _token.totalSupply());
        _handler.start();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice The auction holds the deposits of the bids that are not settled.
    function invariant_auctionHoldsDeposits() public view {
        uint256 sum = 0;
        for (uint256 i = 0; i < _handler.count(); ++i) {
            AuctionHandler.Tracked memory t = _handler.tracked(i);
            for (uint32 id = 1; id <= PROVIDERS; ++id) {
                if (_auction.bidOf(t.id, id).status != BidStatus.NONE) sum += t.terms.order.priceWei;
            }
        }
        require(_token.balanceOf(address(_auction)) == sum, "deposits not conserved");
    }

    /// @notice The account of a buyer holds the reserve prices of its open auctions.
    function invariant_accountsHoldReserves() public view {
        for (uint256 who = 0; who < _handler.BUYERS(); ++who) {
            address account = _auction.accountOf(_handler.buyer(who));
            uint256 sum = 0;
            for (uint256 i = 0; i < _handler.count(); ++i) {
                AuctionHandler.Tracked memory t = _handler.tracked(i);
                bool open = _auction.auctionOf(t.id).status == AuctionStatus.OPEN;
                if (open && t.terms.order.requester == account) sum += t.terms.order.priceWei;
            }
            require(_token.balanceOf(account) == sum, "reserves not conserved");
        }
    }

    /// @notice The mesh holds balances, stakes and prices of open jobs; a buyer's balance is in its account.
    function invariant_meshIsConserved() public view {
        uint256 sum = _mesh.accountOf(TREASURY);
        for (uint256 who = 0; who < _handler.BUYERS(); ++who) {
            sum += _mesh.accountOf(_auction.accountOf(_handler.buyer(who)));
        }
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            IProviderRegistry.Provider memory provider = _mesh.providerOf(id);
            sum += _mesh.accountOf(provider.owner) + _mesh.feeDueOf(provider.owner);
            sum += provider.stakedWei + provider.unstakingWei;
        }
        for (uint256 i = 0; i < _handler.count(); ++i) {
            AuctionHandler.Tracked memory t = _handler.tracked(i);
            if (t.order.providerId == 0) continue;
            uint8 status = _mesh.jobOf(_mesh.jobIdOf(t.order)).status;
            if (status < JobStatus.PAID) sum += t.order.priceWei;
        }
        require(_token.balanceOf(address(_mesh)) == sum, "mesh not conserved");
    }

    /// @notice Supply falls by lost deposits and bonds only.
    function invariant_burnsAreExpected() public view {
        require(_token.totalSupply() == _handler.expectedSupplyWei(), "burned another amount");
    }

    /// @notice Winner bid <= price <= reserve price; one bid is paid the reserve price; and both are what a plain book
    ///         says.
    function invariant_priceIsTheSecond() public view {
        for (uint256 i = 0; i < _handler.count(); ++i) {
            AuctionHandler.Tracked memory t = _handler.tracked(i);
            IReverseAuction.Auction memory state = _auction.auctionOf(t.id);
            if (state.status != AuctionStatus.OPEN) continue; // settled bids have no rank any more
            uint24[PROVIDERS + 1] memory ranks;
            uint256 revealed = 0;
            for (uint32 id = 1; id <= PROVIDERS; ++id) {
                ranks[id] = _auction.bidOf(t.id, id).rank;
                if (t.revealed[id]) ++revealed;
            }
            (uint32 winnerId, uint96 priceWei) = _handler.clearing(i, ranks);
            require(state.winnerId == winnerId && state.priceWei == priceWei, "another winner or price");
            require(state.priceWei <= t.terms.order.priceWei, "price above reserve");
            require(winnerId == 0 || state.bestWei <= state.priceWei, "price below bid");
            require(revealed > 1 || state.priceWei == t.terms.order.priceWei, "one bid, not the reserve");
        }
    }

    /// @notice Whatever happened, calls that are open to anybody end every auction and give everybody everything back.
    function testFuzz_drains(uint256 seed) public {
        _actRandomly(seed, 160);
        invariant_auctionHoldsDeposits();
        invariant_accountsHoldReserves();
        invariant_meshIsConserved();
        invariant_priceIsTheSecond();
        _handler.drain();
        invariant_burnsAreExpected();
        require(_token.balanceOf(address(_auction)) == 0, "left in the auction");
        for (uint256 who = 0; who < _handler.BUYERS(); ++who) {
            address account = _auction.accountOf(_handler.buyer(who));
            require(_token.balanceOf(account) == 0 && _mesh.accountOf(account) == 0, "left in an account");
        }
        invariant_meshIsConserved();
    }

    /// @notice The random actors do get everywhere; otherwise the invariants would hold for lack of events.
    function test_actorsReachEverything() public {
        for (uint256 seed = 1; seed <= 40; ++seed) {
            _actRandomly(seed, 160);
        }
        _handler.drain();
        bytes32[12] memory all = [
            bytes32("commit"),
            "reveal",
            "award",
            "lapse",
            "cancel",
            "accept",
            "paid",
            "expire",
            "returned",
            "burned",
            "declined",
            "reclaim"
        ];
        for (uint256 i = 0; i < all.length; ++i) {
            require(_handler.happened(all[i]) != 0, string.concat("never: ", string(abi.encodePacked(all[i]))));
        }
    }

    function testFuzz_bidWordRoundTrips(uint8 status, uint24 rank, bytes32 commitment) public pure {
        BidWord word = BidWordLib.pack(status, rank, commitment);
        require(word.status() == status && word.rank() == rank, "fields");
        require(word.tag() == uint256(commitment) >> 32, "tag");
    }

    /// @notice Names of auctions differ between chains; when a chain splits, those that run keep theirs and can end.
    function testFuzz_chainsDoNotMix(uint64 otherChain) public {
        if (otherChain == block.chainid) return;
        _handler.open(1, 5 ether, 0);
        _handler.commit(0, 0, 3);
        AuctionHandler.Tracked memory t = _handler.tracked(0);
        ChainIdVm(address(vm)).chainId(otherChain);
        require(_auction.auctionIdOf(t.terms) == t.id, "the split took the name away");
        bytes32 there = keccak256(abi.encode(uint256(otherChain), address(_auction), t.terms));
        require(there != t.id, "the same name on another chain");
        _handler.drain();
        require(_token.balanceOf(address(_auction)) == 0, "left in the auction");
    }

    function _actRandomly(uint256 seed, uint256 steps) private {
        for (uint256 step = 0; step < steps; ++step) {
            _act(uint256(keccak256(abi.encode(seed, step))));
        }
    }

    function _act(uint256 random) private {
        uint256 a = random >> 16;
        uint256 b = random >> 80;
        uint96 wei_ = uint96(random >> 144);
        uint256 action = random % 60;
        if (action == 0) _handler.open(a, wei_, uint96(b));
        else if (action <= 14) _handler.commit(a, b, wei_);
        else if (action <= 30) _handler.reveal(a, b, wei_ % 6 == 0);
        else if (action <= 34) _handler.close(a);
        else if (action <= 38) _handler.cancel(a, b);
        else if (action <= 42) _handler.work(a);
        else if (action <= 47) _handler.settle(a, b);
        else if (action == 48) _handler.reclaim(a);
        else if (action <= 50) _handler.expire(a);
        else _handler.warp(uint32(a));
    }
}
