// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctionLane} from "../interfaces/IAuctionLane.sol";
import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {AuctionResultLib} from "../types/AuctionResult.sol";
import {JobMode} from "../types/JobMode.sol";
import {Order} from "../types/Order.sol";
import {JobStore} from "./JobStore.sol";

/// @title AuctionLane
/// @notice Settles an order at the second price of the bids that its coordinator signed.
/// @dev Writes no word for the job, like the signed lane.
abstract contract AuctionLane is IAuctionLane, JobStore {
    using AuctionResultLib for bytes;

    /// @inheritdoc IAuctionLane
    function settleAuction(
        Order calldata order,
        bytes calldata orderSig,
        bytes calldata bids,
        bytes calldata resultSig,
        bytes32 outputHash
    ) external nonReentrant {
        bytes32 jobId = _jobIdOf(order);
        address requester = order.requester;
        require(order.mode == JobMode.AUCTION, IJobMarket.UnsupportedMode(order.mode));
        require(order.providerId == 0, IJobMarket.WrongProvider(0, order.providerId));
        require(bids.length % AuctionResultLib.BID_BYTES == 0, BadBids(bids.length));
        (uint32 winner, uint96 paidWei) = bids.clear(order.priceWei);
        require(winner != 0, NoBid(jobId));
        _requireOperator(winner);
        _activeKeyOf(winner);
        // Not in 40 bits, where the largest acceptBy would overflow; nor can 256 bits.
        unchecked {
            uint256 settleBy = uint256(order.acceptBy) + order.execWindow;
            require(block.timestamp <= settleBy, ILedger.Expired(uint40(settleBy)));
        }
        require(Signatures.isValid(requester, jobId, orderSig), ILedger.BadSignature(requester));
        address signer = Signatures.recover(_digestOf(AuctionResultLib.hashStruct(jobId, bids)), resultSig);
        require(signer != address(0) && signer == order.coordinator, ILedger.BadSignature(order.coordinator));
        _useNonce(requester, order.nonce);
        _debit(requester, paidWei);
        _earn(winner, paidWei);
        emit AuctionSettled(jobId, winner, paidWei, outputHash);
    }
}
