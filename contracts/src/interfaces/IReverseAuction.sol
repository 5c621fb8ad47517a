// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuckToken} from "../token/DuckToken.sol";
import {AuctionTerms} from "../types/AuctionTerms.sol";
import {IDuckMesh} from "./IDuckMesh.sol";

/// @title IReverseAuction
/// @notice Price finding that needs no coordinator: providers bid by commitment and reveal, the lowest bid wins and is
///         paid the second lowest, or the reserve price when it is the only one. The job then runs in the on-chain lane of
///         the mesh. A deadline is the last valid second. Amounts are DUCK wei.
///
///         Open -> Awarded (the job is posted)      Open -> Lapsed (no revealed bid, or nobody closed in time)
///         Awarded -> Lapsed (the buyer took the job back before the winner accepted)
///
///         Every bid deposits the reserve price. Deposits come back, except:
///         - a bid that is not revealed loses all of it, and all of it is burned
///         - a winner that does not accept the job in time loses all of it: half is burned, half goes to the buyer
/// @dev A hidden bid burns the reserve price, and no choice of what to reveal moves the price by more than that. So a
///      buyer that bids against its providers through shills has no use for bids that it reveals only when they suit it.
interface IReverseAuction {
    /// @notice An auction as stored.
    struct Auction {
        uint96 bestWei; // lowest revealed bid; meaningless while winnerId is zero
        uint96 priceWei; // what the winner is paid: the second lowest revealed bid, before that the reserve price
        uint32 winnerId; // provider of the lowest revealed bid, of equal ones the one committed first; zero = none yet
        uint24 bids; // commits so far
        uint8 status; // 0 none, 1 Open, 2 Awarded, 3 Lapsed
    }

    /// @notice A bid as stored; all zero when there is none, or when its deposit was settled.
    struct Bid {
        uint8 status; // 0 none, 1 sealed, 2 revealed
        uint24 rank; // 1 for the first commit of the auction, then counting up
        uint224 tag; // high 224 bits of the commitment
    }

    event AuctionOpened(bytes32 indexed auctionId, address indexed buyer, bytes32 indexed modelId, AuctionTerms terms);
    event BidCommitted(bytes32 indexed auctionId, uint32 indexed providerId, bytes32 commitment);
    event BidRevealed(bytes32 indexed auctionId, uint32 indexed providerId, uint96 bidWei);
    /// @notice The job was posted. The mesh shows its whole order in JobPosted.
    /// @param bidWei what the winner asked for
    /// @param priceWei what it is paid, at least bidWei and at most the reserve price
    event AuctionAwarded(
        bytes32 indexed auctionId, bytes32 indexed jobId, uint32 indexed winnerId, uint96 bidWei, uint96 priceWei
    );
    /// @notice Nobody gets the job; what the buyer paid in waits for {reclaim}.
    event AuctionLapsed(bytes32 indexed auctionId);
    event DepositReturned(bytes32 indexed auctionId, uint32 indexed providerId, address owner, uint96 amountWei);
    /// @notice A deposit was lost: deposit = burnedWei + toBuyerWei.
    /// @param toBuyerWei waits for {reclaim}; zero for a bid that was not revealed
    event DepositForfeited(
        bytes32 indexed auctionId, uint32 indexed providerId, uint96 burnedWei, uint96 toBuyerWei
    );
    event Reclaimed(address indexed buyer, uint96 amountWei);

    /// @notice The auction is in a state in which this call means nothing.
    error BadAuctionState(bytes32 auctionId, uint8 status);
    /// @notice The requester of the order is not the account of the caller.
    error WrongAccount(address have, address want);
    /// @notice Between these two deadlines there is too little time to act.
    error WindowTooShort(uint40 from, uint40 until, uint40 minSeconds);
    /// @notice The provider has a bid in this auction already.
    error AlreadyBid(bytes32 auctionId, uint32 providerId);
    /// @notice The provider has no such bid in this auction: none, revealed already, or settled already.
    error NoBid(bytes32 auctionId, uint32 providerId);
    /// @notice Price and salt are not what the provider committed to.
    error BadReveal(bytes32 auctionId, uint32 providerId);
    /// @notice A bid above the reserve price can never be revealed.
    error AboveReserve(uint96 bidWei, uint96 reserveWei);
    /// @notice The mesh holds nothing for this buyer.
    error NothingToReclaim(address buyer);

    /// @notice Opens an auction for the job of `terms.order`; its priceWei is the reserve price and moves in, out of
    ///         tokens that the caller approved.
    /// @dev Reveal, close and accept must each have at least 5 minutes.
    ///      Warning: take another order nonce for each auction. Of two auctions with one nonce only one can be awarded;
    ///      the other one lapses. So does one whose order the mesh refuses when it is closed, because its terms changed
    ///      meanwhile or it is frozen.
    ///      Warning: a winner that accepts and does not deliver loses order.bondWei, not its deposit; see
    ///      IJobMarket for what the other fields of the order mean.
    /// @return auctionId names the auction in this deployment on this chain
    function openAuction(AuctionTerms calldata terms) external returns (bytes32 auctionId);

    /// @notice Commits one bid of an active provider, up to commitBy. Called by its owner or signing key. The deposit is
    ///         the reserve price, out of tokens that the caller approved.
    /// @dev Warning: the deposit comes back to the owner of the provider, whoever paid it.
    ///      Warning: who wins must accept in the mesh. So check before: the bond fits the unlocked stake, the windows can
    ///      be kept, the coordinator is one that you trust to seat the judges of a dispute.
    /// @param commitment keccak256(abi.encode(auctionId, providerId, bidWei, salt)), salt of 32 random bytes
    function commitBid(AuctionTerms calldata terms, uint32 providerId, bytes32 commitment) external;

    /// @notice Reveals a bid, after commitBy and up to revealBy. Anybody may call: price and salt authenticate themselves.
    /// @dev Warning: without salt and price the deposit is lost. Keep both before you commit.
    function revealBid(AuctionTerms calldata terms, uint32 providerId, uint96 bidWei, bytes32 salt) external;

    /// @notice Ends the auction after revealBy. Up to closeBy it posts the winner's job; without winner, or later, the
    ///         auction lapses. Anybody may call.
    /// @dev Warning for winners: from this call on the job has to be accepted by acceptBy of the order. Who does not
    ///      want to wait for it closes the auction itself; after closeBy it owes nothing.
    function closeAuction(AuctionTerms calldata terms) external;

    /// @notice Buyer: takes the awarded job back, as long as the mesh shows it open. The winner gets its deposit back.
    function cancelAward(AuctionTerms calldata terms) external;

    /// @notice Sends back, or takes, the deposit of one bid of a closed auction. Anybody may call, once for each bid.
    /// @dev The winner's deposit waits until the job is accepted. After acceptBy this call expires the job in the mesh.
    function settleBid(AuctionTerms calldata terms, uint32 providerId) external;

    /// @notice Sends everything that the mesh holds for a buyer to that buyer: what auctions did not spend, prices of jobs
    ///         that ended without a result, shares of lost bonds and deposits. Anybody may call.
    function reclaim(address buyer) external returns (uint96 amountWei);

    /// @notice The mesh in which jobs run.
    function mesh() external view returns (IDuckMesh);
    /// @notice The only token held.
    function token() external view returns (DuckToken);
    /// @notice Where the buyer's accounts have their code.
    function accountCode() external view returns (address);
    /// @notice The requester of the buyer's orders; created with its first auction, at an address known before.
    function accountOf(address buyer) external view returns (address account);
    /// @notice Name of an auction: keccak256(abi.encode(chainId at deployment, this contract, terms)).
    function auctionIdOf(AuctionTerms calldata terms) external view returns (bytes32);
    /// @notice Stored state of an auction.
    function auctionOf(bytes32 auctionId) external view returns (Auction memory);
    /// @notice Stored state of a bid.
    function bidOf(bytes32 auctionId, uint32 providerId) external view returns (Bid memory);
}
