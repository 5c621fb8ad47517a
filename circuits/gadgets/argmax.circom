// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "bits.circom";

/// @title Argmax   @notice The index of the greatest of N numbers; of equal ones the lowest index.
///        N (BITS + 2) constraints: 10 numbers with differences of 20 bits cost 220.
/// @param N numbers   @param BITS width of the greatest difference of two of them, 1..252
/// @input in   @security the caller must know that any two differ by less than 2^BITS (an honest prover could be unable to
///        prove otherwise) and that no number is near the field's end
/// @output selected one 1 at the index, else 0
/// @output index
template Argmax(N, BITS) {
    signal input in[N];
    signal output selected[N];
    signal output index;

    var best = 0;
    for (var i = 1; i < N; i++) {
        best = in[i] > in[best] ? i : best;
    }

    var ones = 0;
    var at = 0;
    var greatest = 0;
    signal chosen[N];
    for (var i = 0; i < N; i++) {
        selected[i] <-- i == best ? 1 : 0;
        selected[i] * (selected[i] - 1) === 0;
        chosen[i] <== selected[i] * in[i];
        ones += selected[i];
        at += selected[i] * i;
        greatest += chosen[i];
    }
    ones === 1;
    index <== at;

    // [i before the index] is 1 minus the ones up to i: there the greatest must exceed in[i], elsewhere reach it
    var upTo = 0;
    for (var i = 0; i < N; i++) {
        upTo += selected[i];
        Width(BITS)(greatest - in[i] - (1 - upTo));
    }
}
