// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochChallenges} from "../interfaces/IEpochChallenges.sol";
import {IEpochs} from "../interfaces/IEpochs.sol";
import {SumTree} from "../libraries/SumTree.sol";
import {EpochHeader, Side} from "../types/EpochHeader.sol";
import {EpochVoucher} from "../types/EpochVoucher.sol";
import {LeafAnswer, LeafProof, SumStep} from "../types/SumProof.sol";
import {EpochLedger} from "./EpochLedger.sol";

/// @title EpochChallenges
/// @notice Questions about one wei, and their answers.
abstract contract EpochChallenges is IEpochChallenges, EpochLedger {
    mapping(bytes32 key => Challenge) private _challenges;

    /// @inheritdoc IEpochChallenges
    function challengeLeaf(EpochHeader calldata header, Side side, uint96 atWei) external nonReentrant {
        (bytes32 epochId, IEpochs.Epoch storage epoch) = _requirePosted(header);
        uint40 deadline = header.postedAt + challengeWindowSeconds;
        require(block.timestamp <= deadline, Expired(deadline));
        require(atWei < header.totalWei, BeyondTotal(atWei, header.totalWei));
        Challenge storage challenge = _challenges[_keyOf(epochId, side, atWei)];
        require(challenge.challenger == address(0), AlreadyChallenged(epochId, side, atWei));
        uint40 answerBy = uint40(block.timestamp) + answerWindowSeconds;
        challenge.challenger = msg.sender;
        challenge.answerBy = answerBy;
        ++epoch.openChallenges;
        emit LeafChallenged(epochId, msg.sender, side, atWei, answerBy);
        _pull(challengeDepositWei);
    }

    /// @inheritdoc IEpochChallenges
    function answerLeaf(EpochHeader calldata header, Side side, uint96 atWei, LeafAnswer calldata answer)
        external
        nonReentrant
    {
        (bytes32 epochId, IEpochs.Epoch storage epoch) = _requirePosted(header);
        uint40 answerBy = _close(epochId, side, atWei).answerBy;
        require(block.timestamp <= answerBy, Expired(answerBy));
        _requireAnswer(header, side, atWei, answer);
        --epoch.openChallenges;
        // What the answer showed may complete a proof, so there is time to bring it.
        uint40 until = uint40(block.timestamp) + answerWindowSeconds;
        if (until > epoch.provableUntil) epoch.provableUntil = until;
        _owe(_coordinators[header.coordinatorId].owner, challengeDepositWei);
        LeafProof calldata leaf = answer.leaf;
        emit LeafAnswered(epochId, side, atWei, leaf.purseId, leaf.providerId, leaf.amountWei);
    }

    /// @inheritdoc IEpochChallenges
    function revertEpoch(EpochHeader calldata header, Side side, uint96 atWei) external nonReentrant {
        (bytes32 epochId, IEpochs.Epoch storage epoch) = _requirePosted(header);
        Challenge memory challenge = _close(epochId, side, atWei);
        _requireAfter(challenge.answerBy);
        --epoch.openChallenges;
        _owe(challenge.challenger, challengeDepositWei);
        _revertEpoch(header, epochId, challenge.challenger);
    }

    /// @inheritdoc IEpochChallenges
    function dropChallenge(EpochHeader calldata header, Side side, uint96 atWei) external nonReentrant {
        bytes32 epochId = header.id();
        IEpochs.Epoch storage epoch = _epochs[epochId];
        bool over = epoch.status == IEpochs.Status.REVERTED || epoch.status == IEpochs.Status.REFUNDED;
        require(over, IEpochs.BadEpochStatus(epochId, epoch.status));
        address challenger = _close(epochId, side, atWei).challenger;
        --epoch.openChallenges;
        _owe(challenger, challengeDepositWei);
        emit ChallengeDropped(epochId, side, atWei);
    }

    /// @inheritdoc IEpochChallenges
    function challengeOf(bytes32 epochId, Side side, uint96 atWei) external view returns (Challenge memory) {
        return _challenges[_keyOf(epochId, side, atWei)];
    }

    /// @dev Where the leaf lies on one side; reverts when it is not there.
    function _locate(EpochHeader calldata header, Side side, LeafProof calldata leaf, SumStep[] calldata path)
        internal
        pure
        returns (uint256 fromWei)
    {
        (uint32 accountId, uint32 otherId) = _idsOf(side, leaf);
        bytes32 hash = SumTree.leafHash(accountId, otherId, leaf.amountWei);
        bool ok;
        (ok, fromWei) = SumTree.climb(hash, leaf.amountWei, path, header.rootOf(side), header.totalWei);
        require(ok, BadLeaf(side));
    }

    /// @dev The account whose total the leaf is a part of, and its counterpart.
    function _idsOf(Side side, LeafProof calldata leaf) internal pure returns (uint32 accountId, uint32 otherId) {
        return side == Side.DEBITS ? (leaf.purseId, leaf.providerId) : (leaf.providerId, leaf.purseId);
    }

    function _requireAnswer(EpochHeader calldata header, Side side, uint96 atWei, LeafAnswer calldata answer)
        private
        view
    {
        LeafProof calldata leaf = answer.leaf;
        uint256 fromWei = _locate(header, side, leaf, leaf.path);
        uint256 toWei = fromWei + leaf.amountWei;
        require(atWei >= fromWei && atWei < toWei, WrongLeaf(atWei, fromWei, toWei));
        _locate(header, side == Side.DEBITS ? Side.CREDITS : Side.DEBITS, leaf, answer.mirrorPath);
        require(answer.maxWei >= leaf.amountWei, VoucherTooSmall(answer.maxWei, leaf.amountWei));
        EpochVoucher memory voucher =
            EpochVoucher(header.coordinatorId, header.serial, leaf.purseId, leaf.providerId, answer.maxWei);
        _requireVoucher(voucher, answer.voucherSig);
    }

    /// @dev Takes an open question away and returns it.
    function _close(bytes32 epochId, Side side, uint96 atWei) private returns (Challenge memory challenge) {
        bytes32 key = _keyOf(epochId, side, atWei);
        challenge = _challenges[key];
        require(challenge.challenger != address(0), NotChallenged(epochId, side, atWei));
        delete _challenges[key];
    }

    function _keyOf(bytes32 epochId, Side side, uint96 atWei) private pure returns (bytes32) {
        return keccak256(abi.encode(epochId, side, atWei));
    }
}
