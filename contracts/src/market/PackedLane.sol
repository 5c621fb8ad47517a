// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignedLane} from "../interfaces/ISignedLane.sol";
import {ItemStatus} from "../types/ItemStatus.sol";
import {PackedBatch} from "./PackedBatch.sol";
import {PackedWalk} from "./PackedWalk.sol";

/// @title PackedLane
/// @notice Settles batches of the signed lane at little more than one signature check per order.
abstract contract PackedLane is ISignedLane, PackedWalk {
    using PackedBatch for bytes;

    /// @inheritdoc ISignedLane
    function settlePacked(bytes32 header, bytes calldata items) external nonReentrant returns (uint256 failedMask) {
        Batch memory batch = _openBatch(header, items);
        _requireOperator(batch.providerId);
        bytes32[] memory jobIds = new bytes32[](batch.count);
        uint96[] memory amountsWei = new uint96[](batch.count);
        uint256 offset = batch.templates * PackedBatch.TEMPLATE_BYTES;
        uint256 index = 0;
        uint256 totalWei = 0;
        for (uint256 group = 0; group < batch.groups; ++group) {
            (Purse memory purse, uint256 end) = _openPurse(batch, items, offset, index);
            offset += PackedBatch.GROUP_BYTES;
            // Offsets stay below the calldata's length plus 2^16 items. The status says that the balance covers the
            // amount, and all balances together are below the supply.
            unchecked {
                for (; index < end; ++index) {
                    (uint8 status, bytes32 jobId, uint256 amountWei) = _examine(batch, purse, items, offset);
                    _note(jobIds, amountsWei, index, jobId, amountWei);
                    offset += PackedBatch.ITEM_BYTES;
                    if (status != ItemStatus.SETTLED) {
                        failedMask |= 1 << index;
                        continue;
                    }
                    _setBit(purse, batch.order.nonce);
                    purse.freeWei -= amountWei;
                    totalWei += amountWei;
                }
            }
            _closePurse(purse);
        }
        require(offset == items.length, BadBatch(items.length));
        uint32 providerId = batch.providerId;
        _earn(providerId, uint96(totalWei));
        emit BatchSettled(providerId, keccak256(items), failedMask, uint96(totalWei), jobIds, amountsWei);
    }

    /// @dev Warning: unchecked; `index` is below the length of both arrays.
    function _note(
        bytes32[] memory jobIds,
        uint96[] memory amountsWei,
        uint256 index,
        bytes32 jobId,
        uint256 amountWei
    ) private pure {
        assembly ("memory-safe") {
            let slot := mul(add(index, 1), 0x20)
            mstore(add(jobIds, slot), jobId)
            mstore(add(amountsWei, slot), amountWei)
        }
    }

    /// @dev Sets a nonce bit in the purse; the word before is stored when this one is in another.
    function _setBit(Purse memory purse, uint256 nonce) private {
        if (nonce >> 8 != purse.word) {
            _storeBits(purse);
            purse.word = nonce >> 8;
            purse.bits = _nonces[purse.payer][nonce >> 8].bits;
        }
        purse.bits |= 1 << (nonce & 0xff);
    }

    function _storeBits(Purse memory purse) private {
        if (purse.word != NONE) _nonces[purse.payer][purse.word].bits = purse.bits;
    }

    function _closePurse(Purse memory purse) private {
        _storeBits(purse);
        if (purse.usesEarned) _takeEarned(purse.payer);
        _setFree(purse.payer, purse.freeWei);
    }
}
