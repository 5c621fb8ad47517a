// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedTotals} from "./PackedTotals.sol";
import {Shares} from "./Shares.sol";

using PairedBalances for Balances global;

/// @notice Balances by number, two in a word: neighbours in a list share one storage write.
/// @dev Layout of a word, low bits first: even id 128 | odd id 128; each half is amountWei 96 | used 1. A half that was
///      used is never zero again, so paying somebody who took everything out is no write to a fresh slot.
///      The supply of DUCK stays below 2^90 wei, so no sum of balances reaches beyond 96 bits. An array and no mapping,
///      since every id has its place: finding a word costs no hash.
struct Balances {
    uint256[1 << 31] words;
}

/// @notice Reading and writing of {Balances}.
/// @dev The two loops over lists are assembly, since they run for each account of an epoch. They do what {take} and {add}
///      do item by item, but write a word once for both of its halves.
library PairedBalances {
    using PackedTotals for bytes;

    uint256 private constant USED = 1 << 96;

    /// @notice The balance does not cover the amount.
    error InsufficientBalance(uint32 id, uint96 haveWei, uint96 needWei);

    /// @notice Balance of `id` in DUCK wei.
    function balanceOf(Balances storage self, uint32 id) internal view returns (uint96) {
        return uint96(self.words[id >> 1] >> _shift(id));
    }

    /// @notice Adds to one balance.
    function add(Balances storage self, uint32 id, uint96 amountWei) internal {
        uint256 word = self.words[id >> 1];
        self.words[id >> 1] = (word + (uint256(amountWei) << _shift(id))) | (USED << _shift(id));
    }

    /// @notice Takes from one balance.
    function take(Balances storage self, uint32 id, uint96 amountWei) internal {
        _requireCovered(self, id, amountWei);
        self.words[id >> 1] -= uint256(amountWei) << _shift(id);
    }

    /// @notice Takes each total of a list from the balance that it names.
    /// @dev Warning: the list was checked with {PackedTotals-sumOf}.
    function takeAll(Balances storage self, bytes calldata list) internal {
        uint256 cursor;
        assembly ("memory-safe") {
            cursor := list.offset
            let slot := add(self.slot, shr(225, calldataload(cursor)))
            let word := sload(slot)
            for { let end := add(cursor, list.length) } lt(cursor, end) { cursor := add(cursor, 16) } {
                let item := calldataload(cursor)
                let itemSlot := add(self.slot, shr(225, item))
                if iszero(eq(itemSlot, slot)) {
                    sstore(slot, word)
                    slot := itemSlot
                    word := sload(slot)
                }
                let amount := shr(160, shl(32, item))
                // the lowest bit of the id says which half: 128 or 0
                let shift := and(shr(217, item), 0x80)
                if lt(shr(160, shl(sub(160, shift), word)), amount) { break }
                word := sub(word, shl(shift, amount))
            }
            sstore(slot, word)
            cursor := sub(cursor, list.offset)
        }
        if (cursor == list.length) return;
        // The item that stopped the loop was not taken, and is in no earlier one.
        (uint32 id, uint96 amountWei) = list.itemAt(cursor / PackedTotals.ITEM_BYTES);
        _requireCovered(self, id, amountWei);
    }

    /// @notice Adds the totals `fromItem` .. `toItem` - 1 of a list, less the fee of each, rounded down.
    /// @dev Warning: the list was checked with {PackedTotals-sumOf}, `fromItem` < `toItem`, and feeBps is at most 10,000.
    /// @return feesWei the fees together
    function addAll(Balances storage self, bytes calldata list, uint256 fromItem, uint256 toItem, uint256 feeBps)
        internal
        returns (uint256 feesWei)
    {
        uint256 bps = Shares.BPS;
        assembly ("memory-safe") {
            let cursor := add(list.offset, shl(4, fromItem))
            let slot := add(self.slot, shr(225, calldataload(cursor)))
            let word := sload(slot)
            for { let end := add(list.offset, shl(4, toItem)) } lt(cursor, end) { cursor := add(cursor, 16) } {
                let item := calldataload(cursor)
                let itemSlot := add(self.slot, shr(225, item))
                if iszero(eq(itemSlot, slot)) {
                    sstore(slot, word)
                    slot := itemSlot
                    word := sload(slot)
                }
                let amount := shr(160, shl(32, item))
                let shift := and(shr(217, item), 0x80)
                let fee := div(mul(amount, feeBps), bps)
                word := or(add(word, shl(shift, sub(amount, fee))), shl(shift, USED))
                feesWei := add(feesWei, fee)
            }
            sstore(slot, word)
        }
    }

    function _requireCovered(Balances storage self, uint32 id, uint96 amountWei) private view {
        uint96 haveWei = balanceOf(self, id);
        require(haveWei >= amountWei, InsufficientBalance(id, haveWei, amountWei));
    }

    function _shift(uint32 id) private pure returns (uint256) {
        return uint256(id & 1) << 7;
    }
}
