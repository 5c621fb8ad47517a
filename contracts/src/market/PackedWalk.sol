// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ISignedLane} from "../interfaces/ISignedLane.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {ItemStatus} from "../types/ItemStatus.sol";
import {Order, OrderLib} from "../types/Order.sol";
import {JobStore} from "./JobStore.sol";
import {PackedBatch} from "./PackedBatch.sol";

/// @title PackedWalk
/// @notice Reads a packed batch item by item and judges each, for the settlement and for its preview.
/// @dev Nonces of a payer ascend within a batch. So no item of a batch can depend on a nonce bit that an earlier one
///      set, a payer's bits and balance are written once, and the preview needs no writes to be exact.
abstract contract PackedWalk is JobStore {
    using PackedBatch for bytes;

    /// @dev No template and no nonce word has this index.
    uint256 internal constant NONE = type(uint256).max;

    /// @dev A batch being walked.
    struct Batch {
        Order order; // rebuilt from item to item, see OrderLib.allocate
        bytes32 domain;
        uint32 providerId;
        uint256 templates;
        uint256 groups;
        uint256 count; // items
        uint256 template; // the one in `order`
        address payer; // of the group before
    }

    /// @dev A payer whose items are being walked.
    struct Purse {
        address payer;
        uint256 freeWei;
        bool usesEarned; // freeWei includes what the payer earned as a provider
        uint256 nextNonce; // least nonce that the next item may have
        uint256 word; // index of the nonce word in `bits`
        uint256 bits;
    }

    function _openBatch(bytes32 header, bytes calldata items) internal view returns (Batch memory batch) {
        bool clean;
        (batch.providerId, batch.templates, batch.groups, clean) = PackedBatch.parse(header);
        uint256 fixedBytes =
            batch.templates * PackedBatch.TEMPLATE_BYTES + batch.groups * PackedBatch.GROUP_BYTES;
        require(clean && items.length >= fixedBytes, ISignedLane.BadBatch(items.length));
        uint256 itemBytes = items.length - fixedBytes;
        batch.count = itemBytes / PackedBatch.ITEM_BYTES;
        require(
            batch.count * PackedBatch.ITEM_BYTES == itemBytes && batch.count <= PackedBatch.MAX_ITEMS,
            ISignedLane.BadBatch(items.length)
        );
        batch.order = OrderLib.allocate();
        batch.domain = _domainSeparator();
        batch.template = NONE;
        _activeKeyOf(batch.providerId);
    }

    /// @return purse the payer of a group
    /// @return end index after the group's last item
    function _openPurse(Batch memory batch, bytes calldata items, uint256 offset, uint256 index)
        internal
        view
        returns (Purse memory purse, uint256 end)
    {
        (address payer, uint256 count) = items.groupAt(offset);
        require(payer > batch.payer, ISignedLane.PayersNotAscending(payer));
        end = index + count;
        require(end <= batch.count, ISignedLane.BadBatch(items.length));
        batch.payer = payer;
        batch.order.requester = payer;
        purse.payer = payer;
        purse.freeWei = _freeOf(payer);
        purse.word = NONE;
    }

    /// @dev What becomes of one item. Reads it into batch.order.
    function _examine(Batch memory batch, Purse memory purse, bytes calldata items, uint256 offset)
        internal
        view
        returns (uint8 status, bytes32 jobId, uint256 amountWei)
    {
        Order memory order = batch.order;
        uint256 template;
        bool directed;
        (amountWei, template, directed) = items.readItem(offset, order);
        if (template != batch.template) {
            if (template >= batch.templates) return (ItemStatus.NO_TEMPLATE, 0, amountWei);
            items.readTemplate(template, order);
            batch.template = template;
        }
        order.providerId = directed ? batch.providerId : 0;
        jobId = MessageHashUtils.toTypedDataHash(batch.domain, order.hashStructAllocated());
        status = _judge(purse, order, amountWei);
        if (status == ItemStatus.SETTLED) {
            (bytes32 r, bytes32 vs) = items.signatureAt(offset);
            // A payer is above zero, so no malformed signature recovers to it.
            if (Signatures.recoverCompact(jobId, r, vs) != order.requester) status = ItemStatus.BAD_SIGNATURE;
        }
    }

    /// @dev Everything but the signature, which costs most.
    function _judge(Purse memory purse, Order memory order, uint256 amountWei) private view returns (uint8) {
        // Sums of numbers far below 2^256.
        unchecked {
            uint256 nonce = order.nonce;
            if (nonce < purse.nextNonce) return ItemStatus.NONCE_NOT_ASCENDING;
            purse.nextNonce = nonce + 1;
            uint256 bits = nonce >> 8 == purse.word ? purse.bits : _nonces[purse.payer][nonce >> 8].bits;
            if (bits & (1 << (nonce & 0xff)) != 0) return ItemStatus.NONCE_USED;
            if (block.timestamp > uint256(order.acceptBy) + order.execWindow) return ItemStatus.EXPIRED;
            if (amountWei > order.priceWei) return ItemStatus.AMOUNT_TOO_HIGH;
            if (amountWei <= purse.freeWei) return ItemStatus.SETTLED;
            if (!purse.usesEarned) {
                purse.usesEarned = true;
                purse.freeWei += _earnedOf(purse.payer);
            }
            return amountWei <= purse.freeWei ? ItemStatus.SETTLED : ItemStatus.NO_MONEY;
        }
    }
}
