// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IEquivocation} from "../interfaces/IEquivocation.sol";
import {IRedundantMode} from "../interfaces/IRedundantMode.sol";
import {ISignedLane} from "../interfaces/ISignedLane.sol";
import {Assignment} from "../types/Assignment.sol";
import {ChannelConfig} from "../types/ChannelConfig.sol";
import {Order} from "../types/Order.sol";
import {Receipt} from "../types/Receipt.sol";
import {SeatCommit} from "../types/SeatCommit.sol";
import {Stream} from "../types/Stream.sol";
import {KeyLiability} from "./KeyLiability.sol";
import {SlashReason} from "./SlashReason.sol";

/// @title Equivocation
/// @notice Objective slash for two contradicting receipts or seat commitments. Part of DuckMeshAccounts.
abstract contract Equivocation is IEquivocation, KeyLiability, Delegated {
    /// @inheritdoc IEquivocation
    function proveEquivocation(
        Order calldata order,
        Receipt calldata first,
        bytes calldata firstSig,
        Receipt calldata second,
        bytes calldata secondSig
    ) external delegated nonReentrant {
        _slashReceipts(order.requester, _jobIdOf(order), first, firstSig, second, secondSig);
    }

    /// @inheritdoc IEquivocation
    function proveStreamEquivocation(
        ChannelConfig calldata config,
        Stream calldata stream,
        Receipt calldata first,
        bytes calldata firstSig,
        Receipt calldata second,
        bytes calldata secondSig
    ) external delegated nonReentrant {
        bytes32 channelId = _digestOf(config.hashStruct());
        require(stream.channelId == channelId, WrongChannel(stream.channelId, channelId));
        require(config.providerId == first.providerId, NoConflict());
        _slashReceipts(config.payer, _digestOf(stream.hashStruct()), first, firstSig, second, secondSig);
    }

    /// @inheritdoc IEquivocation
    function proveSeatEquivocation(
        Order calldata order,
        Assignment calldata assignment,
        SeatCommit calldata first,
        bytes calldata firstSig,
        SeatCommit calldata second,
        bytes calldata secondSig
    ) external delegated nonReentrant {
        bytes32 jobId = _jobIdOf(order);
        require(assignment.jobId == jobId, IRedundantMode.WrongJob(assignment.jobId, jobId));
        bytes32 assignmentHash = assignment.hashStruct();
        uint32 providerId = first.providerId;
        bool sameSeat = first.assignmentHash == assignmentHash && second.assignmentHash == assignmentHash
            && second.providerId == providerId;
        require(sameSeat && second.commitment != first.commitment, NoConflict());
        uint96 bondWei = _burnKeys(providerId, first.hashStruct(), firstSig, second.hashStruct(), secondSig);
        emit EquivocationProven(jobId, providerId, msg.sender, bondWei);
        _divide(order.requester, providerId, jobId, SlashReason.EQUIVOCATION, bondWei);
    }

    function _slashReceipts(
        address requester,
        bytes32 jobId,
        Receipt calldata first,
        bytes calldata firstSig,
        Receipt calldata second,
        bytes calldata secondSig
    ) private {
        uint32 providerId = first.providerId;
        require(first.jobId == jobId, ISignedLane.WrongReceipt(first.jobId, jobId));
        bool sameRound = second.jobId == jobId && second.providerId == providerId
            && second.assignmentHash == first.assignmentHash;
        require(sameRound && second.outputHash != first.outputHash, NoConflict());
        uint96 bondWei = _burnKeys(providerId, first.hashStruct(), firstSig, second.hashStruct(), secondSig);
        emit EquivocationProven(jobId, providerId, msg.sender, bondWei);
        _divide(requester, providerId, jobId, SlashReason.EQUIVOCATION, bondWei);
    }
}
