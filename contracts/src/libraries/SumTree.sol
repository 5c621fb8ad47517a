// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SumStep} from "../types/SumProof.sol";

/// @notice Merkle tree in which a node commits to the hashes and the sums of both children.
/// @dev A leaf covers the wei from the sum of everything left of it, for the length of its amount. The leaves tile the
///      whole total, so naming one wei names one leaf. Any shape is allowed, and an odd node moves up as it is.
library SumTree {
    // Leaves and nodes differ in this byte and in length, so neither can pass for the other.
    bytes1 private constant LEAF_TAG = 0x00;
    bytes1 private constant NODE_TAG = 0x01;

    /// @notice Hash of a leaf.
    /// @param accountId whose total the leaf belongs to on this side
    /// @param otherId its counterpart
    function leafHash(uint32 accountId, uint32 otherId, uint96 amountWei) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(LEAF_TAG, accountId, otherId, amountWei));
    }

    /// @notice Hash of a node with these children.
    function nodeHash(bytes32 leftHash, uint256 leftWei, bytes32 rightHash, uint256 rightWei)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(NODE_TAG, leftHash, uint96(leftWei), rightHash, uint96(rightWei)));
    }

    /// @notice Goes from a leaf or node up to the root.
    /// @return ok true when the path ends at this root with this sum
    /// @return fromWei first wei of the total that the leaf or node covers
    function climb(bytes32 hash, uint256 sumWei, SumStep[] calldata path, bytes32 root, uint256 totalWei)
        internal
        pure
        returns (bool ok, uint256 fromWei)
    {
        for (uint256 i = 0; i < path.length; ++i) {
            SumStep calldata step = path[i];
            if (step.siblingIsLeft) {
                hash = nodeHash(step.siblingHash, step.siblingWei, hash, sumWei);
                fromWei += step.siblingWei;
            } else {
                hash = nodeHash(hash, sumWei, step.siblingHash, step.siblingWei);
            }
            sumWei += step.siblingWei;
            // Beyond the total no root can be met, and below it no sum is cut to 96 bits.
            if (sumWei > totalWei) return (false, 0);
        }
        ok = hash == root && sumWei == totalWei;
    }
}
