// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "../gadgets/bits.circom";
include "../gadgets/context.circom";
include "../gadgets/poseidon.circom";

/// @title RecordRange   @notice low <= value <= high for the 64-bit value of a committed record, and nothing more about it: a
///        regulatory threshold (low = 0 or high = 2^64-1), an age, a balance, an emission. 390 constraints.
/// @input ctx public
/// @input schema public: what the value means, in which unit, attested by whom; any field element
/// @input low, high public   @security the verifier must check that both are below 2^64, or a range wraps around the field
/// @input value, salt private; salt random, at least 128 bits
/// @output commitment Poseidon(schema, value, salt)   @security says nothing about who committed: the verifier takes the
///         commitment from a record that the attester signed
template RecordRange() {
    signal input schema;
    signal input low;
    signal input high;
    signal input ctx;
    signal input value;
    signal input salt;
    signal output commitment;

    Context()(ctx);
    InRange(64)(value, low, high); // 128 constraints
    commitment <== Poseidon(3)([schema, value, salt]); // 261
}
