// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "../gadgets/context.circom";
include "../gadgets/merkle.circom";

/// @title Membership   @notice A committed value is in an allowed set, without saying which value or where.
///        300 DEPTH + 242 constraints: 3,242 at depth 10, a set of 4^10.
/// @param DEPTH levels of the set's tree, four children to a node
/// @input ctx, root public   @security the verifier decides which root it accepts, and for how long
/// @input value private: an identifier of the set; 0 fills empty places and is refused
/// @input salt private, random, at least 128 bits   @input children private, the path
/// @output commitment Poseidon(value, salt)   @security one value may be proved many times under different salts: to count
///         members, not proofs, derive a nullifier from a secret in the leaf
template Membership(DEPTH) {
    signal input root;
    signal input ctx;
    signal input value;
    signal input salt;
    signal input children[DEPTH][4];
    signal output commitment;

    Context()(ctx);
    signal inverse <-- value == 0 ? 0 : 1 / value;
    value * inverse === 1;
    commitment <== Poseidon(2)([value, salt]);
    signal top <== QuadTreeMember(DEPTH)(value, children);
    top === root;
}
