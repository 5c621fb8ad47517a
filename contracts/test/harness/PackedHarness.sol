// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedBatch} from "../../src/market/PackedBatch.sol";
import {Order} from "../../src/types/Order.sol";

/// @notice Test only: the orders of a packed batch, read without any check.
contract PackedHarness {
    using PackedBatch for bytes;

    struct Item {
        Order order;
        bytes32 outputHash;
        uint256 amountWei;
        bytes32 r;
        bytes32 vs;
    }

    function unpack(bytes32 header, bytes calldata items, uint256 count) external pure returns (Item[] memory found) {
        (uint32 providerId, uint256 templates, uint256 groups,) = PackedBatch.parse(header);
        found = new Item[](count);
        uint256 offset = templates * PackedBatch.TEMPLATE_BYTES;
        uint256 index = 0;
        for (uint256 group = 0; group < groups; ++group) {
            (address payer, uint256 inGroup) = items.groupAt(offset);
            offset += PackedBatch.GROUP_BYTES;
            for (uint256 end = index + inGroup; index < end; ++index) {
                Item memory item = found[index];
                uint256 template;
                bool directed;
                (item.amountWei, template, directed) = items.readItem(offset, item.order);
                items.readTemplate(template, item.order);
                item.order.requester = payer;
                item.order.providerId = directed ? providerId : 0;
                item.outputHash = items.outputHashAt(offset);
                (item.r, item.vs) = items.signatureAt(offset);
                offset += PackedBatch.ITEM_BYTES;
            }
        }
    }
}
