// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "../build/poseidon-constants.circom";

/// @title Poseidon   @notice Hash of N field elements: BN254, x^5, 8 full rounds, the same values as circomlib's.
///        Constraints for N = 2, 3, 4, 5, 14, 16: 240, 261, 297, 321, 537, 609. Only the S-boxes cost: three each, and the one
///        of the first round whose input is constant is free.
///
///        The wires are the inputs of the S-boxes, not their outputs. An output is then a sum of later inputs, found with the
///        inverse of the mixing matrix, and stands alone on the right of its constraint, of which a proving key holds no factors;
///        the left sides, of which it holds each one, have mostly one term instead of up to 85.
/// @param N 1..16; the constants of each width are generated, see field/poseidon.ts
/// @input inputs any field elements   @security hashes of different N never meet; within one N the caller keeps uses apart
/// @output out the hash
template Poseidon(N) {
    signal input inputs[N];
    signal output out;

    var T = N + 1;
    var HALF = 4;
    var PARTIAL = poseidonPartialRounds(T);
    var CONSTANTS[T * (2 * HALF + PARTIAL)] = poseidonConstants(T);
    var MIX[T][T] = poseidonMix(T);
    var UNMIX[T][T] = poseidonUnmix(T);
    var PER_CORNER = poseidonPerCorner(T);

    signal square[2 * HALF * T + PARTIAL];
    signal fourth[2 * HALF * T + PARTIAL];
    signal full[2 * HALF - 1][T]; // what goes into the S-boxes of full rounds 1..7; the fourth goes into a partial one
    signal lone[PARTIAL]; // what goes into the S-box of the round after each partial one
    signal last[T];
    var box = 0;
    var done = 0;

    var state[T];
    for (var i = 0; i < T; i++) {
        state[i] = (i == 0 ? 0 : inputs[i - 1]) + CONSTANTS[i];
    }

    for (var round = 0; round < 2 * HALF + PARTIAL; round++) {
        var next = T * (round + 1);
        if (round == 2 * HALF + PARTIAL - 1) {
            for (var i = 0; i < T; i++) {
                square[box + i] <== state[i] * state[i];
                fourth[box + i] <== square[box + i] * square[box + i];
                last[i] <== fourth[box + i] * state[i];
            }
        } else if (round < HALF || round >= HALF + PARTIAL) {
            for (var i = 0; i < T; i++) {
                square[box + i] <== state[i] * state[i];
                fourth[box + i] <== square[box + i] * square[box + i];
            }
            for (var i = 0; i < T; i++) {
                var mixed = CONSTANTS[next + i];
                for (var j = 0; j < T; j++) mixed += MIX[i][j] * fourth[box + j] * state[j];
                full[done][i] <-- mixed;
            }
            for (var i = 0; i < T; i++) {
                var fifth = 0;
                for (var j = 0; j < T; j++) fifth += UNMIX[i][j] * (full[done][j] - CONSTANTS[next + j]);
                fourth[box + i] * state[i] === fifth;
            }
            for (var i = 0; i < T; i++) state[i] = full[done][i];
            box += T;
            done++;
        } else {
            square[box] <== state[0] * state[0];
            fourth[box] <== square[box] * square[box];
            var rest = CONSTANTS[next];
            for (var j = 1; j < T; j++) rest += MIX[0][j] * state[j];
            lone[round - HALF] <== MIX[0][0] * fourth[box] * state[0] + rest;
            var fifth = PER_CORNER * (lone[round - HALF] - rest);

            var mixed[T];
            mixed[0] = lone[round - HALF];
            for (var i = 1; i < T; i++) {
                mixed[i] = CONSTANTS[next + i] + MIX[i][0] * fifth;
                for (var j = 1; j < T; j++) mixed[i] += MIX[i][j] * state[j];
            }
            for (var i = 0; i < T; i++) state[i] = mixed[i];
            box++;
        }
    }

    var sum = 0;
    for (var i = 0; i < T; i++) sum += MIX[0][i] * last[i];
    out <== sum;
}
