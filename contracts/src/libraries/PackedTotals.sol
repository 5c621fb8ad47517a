// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A list of totals in calldata: 16 bytes an item, id 4 | amountWei 12, big-endian. Ids ascend strictly and
///         begin with 1 or more.
library PackedTotals {
    uint256 internal constant ITEM_BYTES = 16;

    /// @notice The list is empty or its length is not a whole number of items.
    error BadTotalsLength(uint256 length);
    /// @notice The id of this item is not above the one before it, or its amount is zero.
    error BadTotal(uint256 index);

    /// @notice Number of items.
    function count(bytes calldata list) internal pure returns (uint256) {
        require(list.length != 0 && list.length % ITEM_BYTES == 0, BadTotalsLength(list.length));
        return list.length / ITEM_BYTES;
    }

    /// @notice Item by index.
    /// @dev Warning: the caller compares `index` with {count}.
    function itemAt(bytes calldata list, uint256 index) internal pure returns (uint32 id, uint96 amountWei) {
        uint256 item;
        assembly ("memory-safe") {
            item := shr(128, calldataload(add(list.offset, shl(4, index))))
        }
        return (uint32(item >> 96), uint96(item));
    }

    /// @notice Sum of the amounts. Every item must be well formed and in its place.
    /// @dev In assembly, since it runs for each account of an epoch. Amounts have 96 bits and no list has 2^160 items.
    function sumOf(bytes calldata list) internal pure returns (uint256 sumWei) {
        uint256 items = count(list);
        uint256 good = items;
        assembly ("memory-safe") {
            let last := 0
            let cursor := list.offset
            for { let end := add(cursor, list.length) } lt(cursor, end) { cursor := add(cursor, ITEM_BYTES) } {
                let item := calldataload(cursor)
                let id := shr(224, item)
                let amount := shr(160, shl(32, item))
                if iszero(and(gt(id, last), gt(amount, 0))) { break }
                last := id
                sumWei := add(sumWei, amount)
            }
            good := div(sub(cursor, list.offset), ITEM_BYTES)
        }
        require(good == items, BadTotal(good));
    }

    /// @notice Where the total of `wantId` lies when the totals are laid end to end; all zero when it is not listed.
    function intervalOf(bytes calldata list, uint32 wantId) internal pure returns (uint256 fromWei, uint256 toWei) {
        uint256 items = count(list);
        for (uint256 i = 0; i < items; ++i) {
            (uint32 id, uint96 amountWei) = itemAt(list, i);
            if (id == wantId) return (fromWei, fromWei + amountWei);
            fromWei += amountWei;
        }
        return (0, 0);
    }
}
