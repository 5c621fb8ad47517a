// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {ISignedLane} from "../interfaces/ISignedLane.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {JobMode} from "../types/JobMode.sol";
import {Order} from "../types/Order.sol";
import {Receipt} from "../types/Receipt.sol";
import {JobStore} from "./JobStore.sol";

/// @title SignedLane
/// @notice Settles one order and its receipt.
/// @dev Writes no word for the job: the nonce bit alone says that the order was used.
abstract contract SignedLane is ISignedLane, JobStore {
    /// @inheritdoc ISignedLane
    function settle(
        Order calldata order,
        bytes calldata orderSig,
        Receipt calldata receipt,
        bytes calldata receiptSig
    ) external nonReentrant {
        bytes32 jobId = _jobIdOf(order);
        address requester = order.requester;
        uint32 providerId = receipt.providerId;
        uint96 amountWei = receipt.amountWei;
        require(order.mode == JobMode.SIGNED, IJobMarket.UnsupportedMode(order.mode));
        require(receipt.jobId == jobId, WrongReceipt(receipt.jobId, jobId));
        require(receipt.assignmentHash == 0, SeatReceipt(receipt.assignmentHash));
        uint32 named = order.providerId;
        require(named == 0 || named == providerId, IJobMarket.WrongProvider(providerId, named));
        require(amountWei <= order.priceWei, AmountTooHigh(amountWei, order.priceWei));
        // Not in 40 bits, where the largest acceptBy, which means no deadline, would overflow; nor can 256 bits.
        unchecked {
            uint256 settleBy = uint256(order.acceptBy) + order.execWindow;
            require(block.timestamp <= settleBy, ILedger.Expired(uint40(settleBy)));
        }
        require(Signatures.isValid(requester, jobId, orderSig), ILedger.BadSignature(requester));
        address key = _activeKeyOf(providerId);
        require(
            Signatures.recover(_digestOf(receipt.hashStruct()), receiptSig) == key, ILedger.BadSignature(key)
        );
        _useNonce(requester, order.nonce);
        _debit(requester, amountWei);
        _earn(providerId, amountWei);
        emit JobSettled(jobId, providerId, amountWei, receipt.outputHash);
    }
}
