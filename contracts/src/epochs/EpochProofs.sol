// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochChallenges} from "../interfaces/IEpochChallenges.sol";
import {IEpochProofs} from "../interfaces/IEpochProofs.sol";
import {PackedTotals} from "../libraries/PackedTotals.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {SumTree} from "../libraries/SumTree.sol";
import {CreditNote} from "../types/CreditNote.sol";
import {EpochHeader, Side} from "../types/EpochHeader.sol";
import {LeafProof, NodeProof} from "../types/SumProof.sol";
import {EpochChallenges} from "./EpochChallenges.sol";

/// @title EpochProofs
/// @notice Proofs that need no answer.
abstract contract EpochProofs is IEpochProofs, EpochChallenges {
    using PackedTotals for bytes;

    /// @inheritdoc IEpochProofs
    function proveBadSum(EpochHeader calldata header, Side side, NodeProof calldata node) external nonReentrant {
        (bytes32 epochId,) = _requirePosted(header);
        bytes32 hash = SumTree.nodeHash(node.leftHash, node.leftWei, node.rightHash, node.rightWei);
        (bool ok,) = SumTree.climb(hash, node.claimedWei, node.path, header.rootOf(side), header.totalWei);
        require(ok, IEpochChallenges.BadLeaf(side));
        require(uint256(node.leftWei) + node.rightWei != node.claimedWei, NothingWrong());
        _revertEpoch(header, epochId, msg.sender);
    }

    /// @inheritdoc IEpochProofs
    function proveBadOrder(EpochHeader calldata header, Side side, LeafProof calldata left, LeafProof calldata right)
        external
        nonReentrant
    {
        (bytes32 epochId,) = _requirePosted(header);
        uint256 leftFromWei = _locate(header, side, left, left.path);
        uint256 rightFromWei = _locate(header, side, right, right.path);
        require(leftFromWei < rightFromWei && _rankOf(side, left) >= _rankOf(side, right), NothingWrong());
        _revertEpoch(header, epochId, msg.sender);
    }

    /// @inheritdoc IEpochProofs
    function proveBadTotals(EpochHeader calldata header, Side side, LeafProof calldata leaf, bytes calldata totals)
        external
        nonReentrant
    {
        (bytes32 epochId,) = _requirePosted(header);
        _requireTotals(header, side, totals);
        uint256 fromWei = _locate(header, side, leaf, leaf.path);
        (uint32 accountId,) = _idsOf(side, leaf);
        (uint256 accountFromWei, uint256 accountToWei) = totals.intervalOf(accountId);
        bool inside = fromWei >= accountFromWei && fromWei + leaf.amountWei <= accountToWei;
        require(!inside, NothingWrong());
        _revertEpoch(header, epochId, msg.sender);
    }

    /// @inheritdoc IEpochProofs
    function proveUnderpaid(
        EpochHeader calldata header,
        bytes calldata credits,
        CreditNote calldata note,
        bytes calldata noteSig
    ) external nonReentrant {
        (bytes32 epochId,) = _requirePosted(header);
        _requireTotals(header, Side.CREDITS, credits);
        bool sameEpoch = note.coordinatorId == header.coordinatorId && note.serial == header.serial;
        require(sameEpoch, OtherEpoch(note.coordinatorId, note.serial));
        address key = _coordinators[header.coordinatorId].key;
        bytes32 digest = _hashTypedDataV4(note.hashStruct());
        require(Signatures.recover(digest, noteSig) == key, BadSignature(key));
        (uint256 fromWei, uint256 toWei) = credits.intervalOf(note.providerId);
        require(toWei - fromWei < note.totalWei, NothingWrong());
        _revertEpoch(header, epochId, msg.sender);
    }

    /// @dev Leaves of a side ascend by account, then by counterpart.
    function _rankOf(Side side, LeafProof calldata leaf) private pure returns (uint256) {
        (uint32 accountId, uint32 otherId) = _idsOf(side, leaf);
        return (uint256(accountId) << 32) | otherId;
    }
}
