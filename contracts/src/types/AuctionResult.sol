// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The coordinator's signed list of the bids for one order.
struct AuctionResult {
    bytes32 jobId; // EIP-712 digest of the order
    bytes bids; // 16 bytes each, big-endian: providerId 4 | priceWei 12, in the order in which they came
}

/// @notice EIP-712 hashing of {AuctionResult} and reading of its bids.
library AuctionResultLib {
    bytes32 internal constant TYPEHASH = keccak256("AuctionResult(bytes32 jobId,bytes bids)");
    uint256 internal constant BID_BYTES = 16;

    /// @notice hashStruct of EIP-712 of a result with these fields.
    function hashStruct(bytes32 jobId, bytes calldata bids) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, jobId, keccak256(bids)));
    }

    /// @notice Second price of a reverse auction (Vickrey 1961): the lowest bid wins, the earlier one of equals, and is
    ///         paid the second lowest bid; a reserve above both counts as no bid, one below caps what is paid.
    /// @dev Warning: trailing bytes that are no whole bid are not read; the caller checks the length.
    /// @return winner provider id; zero when no bid is within the reserve
    /// @return paidWei at least the winner's bid and at most the reserve
    function clear(bytes calldata bids, uint96 reserveWei) internal pure returns (uint32 winner, uint96 paidWei) {
        uint256 best = type(uint256).max;
        uint256 second = type(uint256).max;
        for (uint256 start = 0; start + BID_BYTES <= bids.length; start += BID_BYTES) {
            uint256 bid;
            assembly ("memory-safe") {
                bid := shr(128, calldataload(add(bids.offset, start)))
            }
            uint256 priceWei = uint96(bid);
            if (priceWei < best) {
                second = best;
                best = priceWei;
                winner = uint32(bid >> 96);
            } else if (priceWei < second) {
                second = priceWei;
            }
        }
        if (best > reserveWei) return (0, 0);
        paidWei = second < reserveWei ? uint96(second) : reserveWei;
    }
}
