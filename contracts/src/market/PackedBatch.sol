// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @notice Byte layout of a packed batch of the signed lane. All numbers are big-endian.
/// @dev header, low bits first: providerId 32 | templates 8 | groups 16 | zero.
///      items: templates, then groups. Orders of a batch differ in few fields; a template holds the others.
///        template  106 bytes  coordinator 20 | modelId 32 | policy 32 | bondWei 12 | kind 1 | seats 1 | execWindow 4
///                             | disputeWindow 4
///        group      22 bytes  payer 20 | number of items 2, payers ascending; then its items, nonces ascending
///        item      166 bytes  inputHash 32 | outputHash 32 | r 32 | s and parity 32 (EIP-2098) | priceWei 12
///                             | amountWei 12 | nonce 8 | acceptBy 5 | template 1 (high bit: the order names the
///                             provider)
library PackedBatch {
    uint256 internal constant MAX_ITEMS = 256;
    uint256 internal constant TEMPLATE_BYTES = 106;
    uint256 internal constant GROUP_BYTES = 22;
    uint256 internal constant ITEM_BYTES = 166;

    /// @dev High bit of the template byte.
    uint8 private constant DIRECTED_BIT = 0x80;

    /// @notice Parts of the header.
    function parse(bytes32 header)
        internal
        pure
        returns (uint32 providerId, uint256 templates, uint256 groups, bool clean)
    {
        uint256 word = uint256(header);
        return (uint32(word), uint8(word >> 32), uint16(word >> 40), word >> 56 == 0);
    }

    /// @notice A group header.
    function groupAt(bytes calldata items, uint256 offset) internal pure returns (address payer, uint256 count) {
        uint256 word = _word(items, offset, 0);
        return (address(uint160(word >> 96)), uint16(word >> 80));
    }

    /// @notice Fills the fields that a template holds.
    function readTemplate(bytes calldata items, uint256 index, Order memory order) internal pure {
        uint256 offset = index * TEMPLATE_BYTES;
        order.coordinator = address(uint160(_word(items, offset, 0) >> 96));
        order.modelId = bytes32(_word(items, offset, 20));
        order.policy = bytes32(_word(items, offset, 52));
        uint256 word = _word(items, offset, 84);
        order.bondWei = uint96(word >> 160);
        order.kind = uint8(word >> 152);
        order.seats = uint8(word >> 144);
        order.execWindow = uint32(word >> 112);
        order.disputeWindow = uint32(word >> 80);
    }

    /// @notice Fills the fields that an item holds, but not those of its template.
    /// @return amountWei what the provider asks for
    /// @return template index of the template
    /// @return directed true when the order names the provider
    function readItem(bytes calldata items, uint256 offset, Order memory order)
        internal
        pure
        returns (uint256 amountWei, uint256 template, bool directed)
    {
        order.inputHash = bytes32(_word(items, offset, 0));
        uint256 word = _word(items, offset, 128);
        order.priceWei = uint96(word >> 160);
        amountWei = uint96(word >> 64);
        order.nonce = uint64(word);
        word = _word(items, offset, 160);
        order.acceptBy = uint40(word >> 216);
        uint8 flags = uint8(word >> 208);
        return (amountWei, flags & ~DIRECTED_BIT, flags & DIRECTED_BIT != 0);
    }

    function outputHashAt(bytes calldata items, uint256 offset) internal pure returns (bytes32) {
        return bytes32(_word(items, offset, 32));
    }

    function signatureAt(bytes calldata items, uint256 offset) internal pure returns (bytes32 r, bytes32 vs) {
        return (bytes32(_word(items, offset, 64)), bytes32(_word(items, offset, 96)));
    }

    /// @dev The word at `offset + inner`. Warning: reads past the end when asked to; whoever walks a batch ends by
    ///      comparing its length.
    function _word(bytes calldata items, uint256 offset, uint256 inner) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(add(items.offset, offset), inner))
        }
    }
}
