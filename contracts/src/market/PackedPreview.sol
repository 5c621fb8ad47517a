// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPackedPreview} from "../interfaces/IPackedPreview.sol";
import {ISignedLane} from "../interfaces/ISignedLane.sol";
import {ItemStatus} from "../types/ItemStatus.sol";
import {PackedBatch} from "./PackedBatch.sol";
import {PackedWalk} from "./PackedWalk.sol";

/// @title PackedPreview
/// @notice The settlement of a packed batch without its effects. Part of DuckMeshJobs.
abstract contract PackedPreview is IPackedPreview, PackedWalk {
    using PackedBatch for bytes;

    /// @inheritdoc IPackedPreview
    function previewPacked(bytes32 header, bytes calldata items) external view returns (uint8[] memory statuses) {
        Batch memory batch = _openBatch(header, items);
        statuses = new uint8[](batch.count);
        uint256 offset = batch.templates * PackedBatch.TEMPLATE_BYTES;
        uint256 index = 0;
        for (uint256 group = 0; group < batch.groups; ++group) {
            (Purse memory purse, uint256 end) = _openPurse(batch, items, offset, index);
            offset += PackedBatch.GROUP_BYTES;
            for (; index < end; ++index) {
                (uint8 status,, uint256 amountWei) = _examine(batch, purse, items, offset);
                statuses[index] = status;
                if (status == ItemStatus.SETTLED) purse.freeWei -= amountWei;
                offset += PackedBatch.ITEM_BYTES;
            }
        }
        require(offset == items.length, ISignedLane.BadBatch(items.length));
    }
}
