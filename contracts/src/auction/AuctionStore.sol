// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IReverseAuction} from "../interfaces/IReverseAuction.sol";
import {DuckToken} from "../token/DuckToken.sol";
import {AuctionTerms} from "../types/AuctionTerms.sol";
import {BidWord} from "../types/BidWord.sol";
import {BuyerAccount} from "./BuyerAccount.sol";

/// @notice Values of Auction.status.
library AuctionStatus {
    uint8 internal constant NONE = 0;
    uint8 internal constant OPEN = 1;
    uint8 internal constant AWARDED = 2;
    uint8 internal constant LAPSED = 3;
}

/// @title AuctionStore
/// @notice One word per auction, one per bid, and the accounts of the buyers.
abstract contract AuctionStore is IReverseAuction, ReentrancyGuardTransient {
    /// @inheritdoc IReverseAuction
    IDuckMesh public immutable mesh;
    /// @inheritdoc IReverseAuction
    DuckToken public immutable token;
    /// @inheritdoc IReverseAuction
    address public immutable accountCode;

    // That of the deployment: after a chain split, auctions that run keep their names on both sides.
    uint256 private immutable _chainId = block.chainid;

    mapping(bytes32 auctionId => Auction) internal _auctions;
    mapping(bytes32 auctionId => mapping(uint32 providerId => BidWord)) internal _bids;

    constructor(IDuckMesh mesh_) {
        mesh = mesh_;
        token = mesh_.token();
        accountCode = address(new BuyerAccount(mesh_));
    }

    /// @inheritdoc IReverseAuction
    function auctionIdOf(AuctionTerms calldata terms) public view returns (bytes32) {
        return keccak256(abi.encode(_chainId, address(this), terms));
    }

    /// @inheritdoc IReverseAuction
    function auctionOf(bytes32 auctionId) external view returns (Auction memory) {
        return _auctions[auctionId];
    }

    /// @inheritdoc IReverseAuction
    function bidOf(bytes32 auctionId, uint32 providerId) external view returns (Bid memory) {
        BidWord word = _bids[auctionId][providerId];
        return Bid({status: word.status(), rank: word.rank(), tag: word.tag()});
    }

    /// @inheritdoc IReverseAuction
    function accountOf(address buyer) public view returns (address account) {
        return Clones.predictDeterministicAddress(accountCode, _saltOf(buyer));
    }

    function _saltOf(address buyer) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(buyer)));
    }

    /// @dev Loads an auction that must be in `status`.
    function _load(AuctionTerms calldata terms, uint8 status)
        internal
        view
        returns (bytes32 auctionId, Auction memory auction)
    {
        auctionId = auctionIdOf(terms);
        auction = _auctions[auctionId];
        require(auction.status == status, BadAuctionState(auctionId, auction.status));
    }

    function _requireNotAfter(uint40 deadline) internal view {
        require(block.timestamp <= deadline, ILedger.Expired(deadline));
    }

    function _requireAfter(uint40 deadline) internal view {
        require(block.timestamp > deadline, ILedger.TooEarly(deadline));
    }
}
