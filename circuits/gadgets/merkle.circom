// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "poseidon.circom";

/// @title QuadTreeMember   @notice The leaf is under the root of a tree with four children to a node. 300 constraints a level:
///        one Poseidon(4), and three to say that the node below is one of the four. Which one stays free: no position, no
///        selector bits.
/// @param DEPTH levels; the tree has 4^DEPTH leaves
/// @input leaf   @security the caller must refuse the value that fills empty places (0)
/// @input children for each level from the leaf up, all four children of the node above
/// @output root the caller compares or publishes it   @security the depth is fixed, so an inner node cannot pose as a leaf
///         unless a leaf of the set is itself a chosen hash: leaves are values of the set's owner
template QuadTreeMember(DEPTH) {
    signal input leaf;
    signal input children[DEPTH][4];
    signal output root;

    signal node[DEPTH + 1];
    signal left[DEPTH];
    signal right[DEPTH];
    node[0] <== leaf;
    for (var level = 0; level < DEPTH; level++) {
        left[level] <== (children[level][0] - node[level]) * (children[level][1] - node[level]);
        right[level] <== (children[level][2] - node[level]) * (children[level][3] - node[level]);
        left[level] * right[level] === 0;
        node[level + 1] <== Poseidon(4)(children[level]);
    }
    root <== node[DEPTH];
}
