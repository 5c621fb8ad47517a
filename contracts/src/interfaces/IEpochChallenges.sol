// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochHeader, Side} from "../types/EpochHeader.sol";
import {LeafAnswer} from "../types/SumProof.sol";

/// @title IEpochChallenges
/// @notice Asking for a leaf. A challenge names one wei of the total of one side; the answer is the leaf that covers it,
///         the same leaf on the other side, and the payer's voucher. So nobody needs to see the leaves to ask for them,
///         and money without a voucher behind it cannot be answered for.
interface IEpochChallenges {
    /// @notice A question that was not answered yet.
    struct Challenge {
        address challenger; // gets the deposit back unless it is answered
        uint40 answerBy; // last second for an answer
    }

    event LeafChallenged(
        bytes32 indexed epochId, address indexed challenger, Side side, uint96 atWei, uint40 answerBy
    );
    event LeafAnswered(
        bytes32 indexed epochId, Side side, uint96 atWei, uint32 purseId, uint32 providerId, uint96 amountWei
    );
    /// @notice The epoch was reverted, so the question is moot and the deposit goes back.
    event ChallengeDropped(bytes32 indexed epochId, Side side, uint96 atWei);

    /// @notice The total of the epoch ends before this wei.
    error BeyondTotal(uint96 atWei, uint96 totalWei);
    /// @notice The same question is open already.
    error AlreadyChallenged(bytes32 epochId, Side side, uint96 atWei);
    /// @notice There is no such question.
    error NotChallenged(bytes32 epochId, Side side, uint96 atWei);
    /// @notice The leaf is not in the tree of this side.
    error BadLeaf(Side side);
    /// @notice The leaf covers other wei than the one asked for.
    error WrongLeaf(uint96 atWei, uint256 fromWei, uint256 toWei);
    /// @notice The voucher allows less than the leaf takes.
    error VoucherTooSmall(uint96 maxWei, uint96 amountWei);

    /// @notice Asks for the leaf at one wei of one side, for a deposit from the caller's approved DUCK.
    /// @dev The deposit goes to the coordinator when it is answered, since answers cost gas, and back otherwise.
    ///      Random wei find wrong money with the probability of its share in the total.
    /// @param atWei 0 .. totalWei - 1
    function challengeLeaf(EpochHeader calldata header, Side side, uint96 atWei) external;

    /// @notice Answers a challenge in time. Anybody who has the data may.
    function answerLeaf(EpochHeader calldata header, Side side, uint96 atWei, LeafAnswer calldata answer) external;

    /// @notice Reverts an epoch after a challenge was not answered in time. Anybody may call; the challenger is rewarded.
    function revertEpoch(EpochHeader calldata header, Side side, uint96 atWei) external;

    /// @notice Gives back the deposit of another challenge of a reverted epoch. Anybody may call.
    function dropChallenge(EpochHeader calldata header, Side side, uint96 atWei) external;

    /// @notice All zero when there is no such open question.
    function challengeOf(bytes32 epochId, Side side, uint96 atWei) external view returns (Challenge memory);
}
