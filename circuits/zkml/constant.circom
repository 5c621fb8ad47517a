// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "../gadgets/argmax.circom";
include "../gadgets/rectify.circom";

/// @title ConstantSums   @notice A linear layer whose weights are constants of the circuit. No constraint: sums are linear.
/// @param POSITIONS, FAN_IN, UNITS the layer; a convolution has many positions, a dense layer one
/// @param TAPS for each position, the indices of its inputs   @param WEIGHTS for each unit, fan-in weights and the bias
/// @param BIAS the constant input that each bias meets
/// @input in   @output out position after position, units together
template ConstantSums(INPUTS, POSITIONS, FAN_IN, UNITS, TAPS, WEIGHTS, BIAS) {
    signal input in[INPUTS];
    signal output out[POSITIONS * UNITS];

    for (var p = 0; p < POSITIONS; p++) {
        for (var u = 0; u < UNITS; u++) {
            var sum = WEIGHTS[u][FAN_IN] * BIAS;
            for (var i = 0; i < FAN_IN; i++) sum += WEIGHTS[u][i] * in[TAPS[p][i]];
            out[p * UNITS + u] <== sum;
        }
    }
}

/// @title ConstantHidden   @notice ConstantSums, then max(0, floor(sum / 2^SHIFT)). WIDTHS[u] + 2 constraints for each output.
/// @param WIDTHS for each unit, signed bits that its sum can need for any input: derived from the weights, never from data,
///        so that no input overflows
template ConstantHidden(INPUTS, POSITIONS, FAN_IN, UNITS, TAPS, WEIGHTS, BIAS, WIDTHS, SHIFT) {
    signal input in[INPUTS];
    signal output out[POSITIONS * UNITS];

    signal sums[POSITIONS * UNITS] <== ConstantSums(INPUTS, POSITIONS, FAN_IN, UNITS, TAPS, WEIGHTS, BIAS)(in);
    for (var k = 0; k < POSITIONS * UNITS; k++) {
        out[k] <== Rectify(WIDTHS[k % UNITS], SHIFT)(sums[k]);
    }
}
