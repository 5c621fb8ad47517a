// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "bits.circom";
include "poseidon.circom";

/// @title ValuesCommitment   @notice Range-checks N small values and gives their salted commitment. N BITS constraints for the
///        range, and one Poseidon of ceil(N / floor(252 / BITS)) + 1 inputs: 196 values of 4 bits cost 784 + 321.
/// @param N values   @param BITS width of each: packing them is injective because each is checked
/// @input in any field elements: refused unless each is below 2^BITS
/// @input salt random, at least 128 bits   @security the owner of the values must draw it; a guessable salt reveals them
/// @output out Poseidon(packed values, salt)
template ValuesCommitment(N, BITS) {
    signal input in[N];
    signal input salt;
    signal output out;

    var PER = 252 \ BITS;
    var ELEMENTS = (N + PER - 1) \ PER;
    assert(ELEMENTS <= 15);
    var packed[ELEMENTS];
    for (var e = 0; e < ELEMENTS; e++) packed[e] = 0;
    for (var i = 0; i < N; i++) {
        Width(BITS)(in[i]);
        packed[i \ PER] += in[i] * (1 << (BITS * (i % PER)));
    }
    component hash = Poseidon(ELEMENTS + 1);
    for (var e = 0; e < ELEMENTS; e++) hash.inputs[e] <== packed[e];
    hash.inputs[ELEMENTS] <== salt;
    out <== hash.out;
}

/// @title Digest   @notice Digest of a list of any length: a chain of Poseidon over 15 elements a step, each after the first
///        led by the hash before it, and the first by the length. 609 constraints per 15 elements; a shorter last step is
///        cheaper.
/// @param LENGTH elements, at least 1; lists of other lengths have other digests   @param widths used must be in field/constants.ts
/// @input in any field elements
/// @output out the digest   @security not salted: it hides nothing that can be guessed
template Digest(LENGTH) {
    signal input in[LENGTH];
    signal output out;

    var STEPS = (LENGTH + 14) \ 15;
    component step[STEPS];
    for (var s = 0; s < STEPS; s++) {
        var size = s < STEPS - 1 ? 15 : LENGTH - 15 * s;
        step[s] = Poseidon(size + 1);
        if (s == 0) {
            step[s].inputs[0] <== LENGTH;
        } else {
            step[s].inputs[0] <== step[s - 1].out;
        }
        for (var i = 0; i < size; i++) step[s].inputs[i + 1] <== in[15 * s + i];
    }
    out <== step[STEPS - 1].out;
}
