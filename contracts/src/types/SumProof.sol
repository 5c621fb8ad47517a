// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One level of a path in a sum tree, from below.
struct SumStep {
    bytes32 siblingHash; // the other child of the parent
    uint96 siblingWei; // its sum, as the parent commits to it
    bool siblingIsLeft; // true when the other child is the left one
}

/// @notice A leaf and its path to the root of one side.
struct LeafProof {
    uint32 purseId; // who pays
    uint32 providerId; // who is paid
    uint96 amountWei; // DUCK wei
    SumStep[] path; // empty when the leaf is the whole tree
}

/// @notice A node with its children and its path to the root of one side.
struct NodeProof {
    bytes32 leftHash; // the children
    uint96 leftWei;
    bytes32 rightHash;
    uint96 rightWei;
    uint96 claimedWei; // the node's sum, as its own parent commits to it; the epoch's total for the root
    SumStep[] path; // empty for the root
}

/// @notice What answers a challenge: the leaf on the challenged side, the same leaf on the other side, and the voucher.
struct LeafAnswer {
    LeafProof leaf;
    SumStep[] mirrorPath; // path of the same leaf on the other side
    uint96 maxWei; // of the voucher, at least the amount of the leaf
    bytes voucherSig; // 65-byte ECDSA signature of the purse's key
}
