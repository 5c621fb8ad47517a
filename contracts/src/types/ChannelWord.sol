// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The whole on-chain state of a channel in one word.
/// @dev Layout, low bits first: funded 96 | claimed 96 | closableAfter 40 | opened 1.
///      funded: everything paid in minus everything given back; claimed: everything claimed ever, never more than
///      funded; the difference is what the mesh holds for the channel. A word that was opened is never zero again, so
///      an id is opened once.
type ChannelWord is uint256;

using ChannelWordLib for ChannelWord global;

/// @notice Packing of {ChannelWord}.
library ChannelWordLib {
    uint256 private constant CLAIMED_SHIFT = 96;
    uint256 private constant CLOSABLE_SHIFT = 192;
    uint256 private constant OPENED_BIT = 1 << 232;

    /// @notice The word of an open channel.
    function pack(uint96 fundedWei_, uint96 claimedWei_, uint40 closableAfter_) internal pure returns (ChannelWord) {
        return ChannelWord.wrap(
            OPENED_BIT | (uint256(closableAfter_) << CLOSABLE_SHIFT) | (uint256(claimedWei_) << CLAIMED_SHIFT)
                | fundedWei_
        );
    }

    function isOpened(ChannelWord w) internal pure returns (bool) {
        return ChannelWord.unwrap(w) & OPENED_BIT != 0;
    }

    function fundedWei(ChannelWord w) internal pure returns (uint96) {
        return uint96(ChannelWord.unwrap(w));
    }

    function claimedWei(ChannelWord w) internal pure returns (uint96) {
        return uint96(ChannelWord.unwrap(w) >> CLAIMED_SHIFT);
    }

    /// @notice What the mesh holds for the channel.
    function heldWei(ChannelWord w) internal pure returns (uint96) {
        return w.fundedWei() - w.claimedWei();
    }

    /// @notice Last second before the payer may close; zero while no close was started.
    function closableAfter(ChannelWord w) internal pure returns (uint40) {
        return uint40(ChannelWord.unwrap(w) >> CLOSABLE_SHIFT);
    }
}
