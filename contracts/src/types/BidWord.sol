// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A sealed or revealed bid in one word.
/// @dev Layout, low bits first: status 8 | rank 24 | tag 224.
///        rank: 1 for the first commit of the auction, then counting up
///        tag:  high 224 bits of the commitment; two prices with one tag take about 2^112 hashes
type BidWord is uint256;

using BidWordLib for BidWord global;

/// @notice Values of the status field. A bid whose deposit was settled is NONE again.
library BidStatus {
    uint8 internal constant NONE = 0;
    uint8 internal constant SEALED = 1;
    uint8 internal constant REVEALED = 2;
}

/// @notice Packing of {BidWord}, and the commitment it holds.
library BidWordLib {
    uint256 private constant RANK_SHIFT = 8;
    uint256 private constant TAG_SHIFT = 32;

    /// @notice The commitment to one price. Provider and auction are inside, so a copy can never be revealed.
    /// @param salt 32 random bytes; without them the price could be guessed from its commitment
    function commitmentOf(bytes32 auctionId, uint32 providerId, uint96 priceWei, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(auctionId, providerId, priceWei, salt));
    }

    function pack(uint8 status_, uint24 rank_, bytes32 commitment) internal pure returns (BidWord) {
        return BidWord.wrap((uint256(tagOf(commitment)) << TAG_SHIFT) | (uint256(rank_) << RANK_SHIFT) | status_);
    }

    /// @notice The bits of a commitment that a word keeps.
    function tagOf(bytes32 commitment) internal pure returns (uint224) {
        return uint224(uint256(commitment) >> TAG_SHIFT);
    }

    function status(BidWord w) internal pure returns (uint8) {
        return uint8(BidWord.unwrap(w));
    }

    function rank(BidWord w) internal pure returns (uint24) {
        return uint24(BidWord.unwrap(w) >> RANK_SHIFT);
    }

    function tag(BidWord w) internal pure returns (uint224) {
        return uint224(BidWord.unwrap(w) >> TAG_SHIFT);
    }
}
