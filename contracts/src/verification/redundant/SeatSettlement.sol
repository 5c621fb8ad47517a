// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ILedger} from "../../interfaces/ILedger.sol";
import {IRedundantMode} from "../../interfaces/IRedundantMode.sol";
import {ISeatSettlement} from "../../interfaces/ISeatSettlement.sol";
import {CalldataWords} from "../../libraries/CalldataWords.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {Assignment} from "../../types/Assignment.sol";
import {Order} from "../../types/Order.sol";
import {SeatCommitLib} from "../../types/SeatCommit.sol";
import {SeatReveal} from "../../types/SeatReveal.sol";
import {SeatStore} from "./SeatStore.sol";

/// @title SeatSettlement
/// @notice Pays a redundant job whose seats all gave the same output, in one transaction.
/// @dev Writes no word for the job: the nonce bit alone says that the order was used, as in the signed lane.
abstract contract SeatSettlement is ISeatSettlement, SeatStore {
    using CalldataWords for uint32[];
    using CalldataWords for bytes32[];

    /// @inheritdoc ISeatSettlement
    function settleSeats(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig,
        bytes32 outputHash,
        bytes32[] calldata salts,
        bytes calldata revealSigs
    ) external nonReentrant {
        uint32[] calldata seats = assignment.seats;
        uint256 count = seats.length;
        Round memory round;
        round.jobId = _jobIdOf(order);
        _requireAssignment(order, round, assignment, assignmentSig);
        _requireRedundant(order, round.jobId, orderSig);
        // Not in 40 bits, where the largest acceptBy would overflow.
        uint256 settleBy = uint256(order.acceptBy) + order.execWindow;
        require(block.timestamp <= settleBy, ILedger.Expired(uint40(settleBy)));
        require(outputHash != 0, ZeroOutput());
        require(salts.length == count, IRedundantMode.BadLength(salts.length, count));
        uint256 sigBytes = count * Signatures.SIGNATURE_BYTES;
        require(revealSigs.length == sigBytes, IRedundantMode.BadLength(revealSigs.length, sigBytes));
        uint96 shareWei = order.priceWei / uint96(count);
        _useNonce(order.requester, order.nonce);
        // A share times the seats never exceeds the price.
        _debit(order.requester, shareWei * uint96(count));
        _payRevealed(round, order.bondWei, seats, outputHash, salts, revealSigs, shareWei);
        emit SeatsSettled(round.jobId, outputHash, shareWei, seats);
    }

    /// @dev What each seat signed names the commitments of all. So whoever committed to something else before it saw
    ///      the others' outputs finds no honest seat's signature over what it would have to show here.
    function _payRevealed(
        Round memory round,
        uint96 bondWei,
        uint32[] calldata seats,
        bytes32 outputHash,
        bytes32[] calldata salts,
        bytes calldata revealSigs,
        uint96 shareWei
    ) private {
        uint256 count = seats.length;
        bytes32[] memory commitments = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            commitments[i] =
                SeatCommitLib.commitmentOf(round.jobId, ROUND_FIRST, seats.itemAt(i), outputHash, salts.itemAt(i));
        }
        bytes32 seatsDigest = keccak256(abi.encode(seats, commitments));
        SeatReveal memory reveal = SeatReveal(round.assignmentHash, 0, seatsDigest, outputHash);
        bytes32 domain = _domainSeparator();
        for (uint256 i = 0; i < count; ++i) {
            uint32 seat = seats.itemAt(i);
            address key = _bondedKeyOf(seat, bondWei);
            reveal.providerId = seat;
            bytes32 digest = MessageHashUtils.toTypedDataHash(domain, reveal.hashStruct());
            require(Signatures.recoverAt(digest, revealSigs, i) == key, ILedger.BadSignature(key));
            _earn(seat, shareWei);
        }
    }
}
