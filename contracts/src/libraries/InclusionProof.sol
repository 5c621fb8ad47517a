// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Inclusion in a Merkle tree. Source: RFC 9162, sections 2.1.1 and 2.1.3.2, with keccak256 in place of SHA-256.
/// @dev Leaves and nodes are hashed with different first bytes, so an inner node never passes for a leaf (second
///      preimages). Index and count fix the shape of the path: one that is cut, stretched or moved does not hold.
library InclusionProof {
    bytes1 private constant LEAF_PREFIX = 0x00;
    bytes1 private constant NODE_PREFIX = 0x01;

    /// @notice Whether `entry` is the leaf at `index` of the tree with `count` leaves and this root.
    /// @param entry what the leaf is made of, before its prefix
    /// @param path siblings from the leaf up
    function holds(bytes32 root, uint256 count, bytes32 entry, uint256 index, bytes32[] calldata path)
        internal
        pure
        returns (bool)
    {
        if (index >= count) return false;
        uint256 last = count - 1;
        bytes32 hash = keccak256(abi.encodePacked(LEAF_PREFIX, entry));
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return false;
            if (index & 1 == 1 || index == last) {
                hash = keccak256(abi.encodePacked(NODE_PREFIX, path[i], hash));
                // the right edge of the tree has no sibling on these levels
                while (index & 1 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                hash = keccak256(abi.encodePacked(NODE_PREFIX, hash, path[i]));
            }
            index >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }
}
