// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "bits.circom";

/// @title PackedLayer   @notice A dense layer whose weights are signals, many to an element. One multiplication for each input
///        and group of PER units, and WIDTH constraints per unit: 196 inputs to 30 units of 16 bits cost 392 + 480.
/// @param INPUTS, UNITS   @param WIDTH bits of a signed sum   @param PER units to a group, PER WIDTH <= 252
/// @param BIAS the constant input that the last row of weights meets
/// @input in non-negative values   @input weights row after row, the groups of one input together; an element holds the
///        weights of its units as signed digits base 2^WIDTH
/// @output bits the signed bits of each unit's sum
/// @security sound for any weights: 252 bits are below the field, so the bits of a group's sum are unique and the layer is one
///        fixed function of its elements. It is the intended function when each unit's sum fits WIDTH signed bits for every
///        input, which whoever registers the weights must check (see `bounds` in zkml/model.ts).
template PackedLayer(INPUTS, UNITS, WIDTH, PER, BIAS) {
    assert(PER * WIDTH <= 252);
    var GROUPS = (UNITS + PER - 1) \ PER;
    signal input in[INPUTS];
    signal input weights[(INPUTS + 1) * GROUPS];
    signal output bits[UNITS][WIDTH];

    signal product[GROUPS][INPUTS];
    component split[GROUPS];
    for (var g = 0; g < GROUPS; g++) {
        var size = g < GROUPS - 1 ? PER : UNITS - PER * g;
        var sum = weights[INPUTS * GROUPS + g] * BIAS;
        for (var i = 0; i < INPUTS; i++) {
            product[g][i] <== in[i] * weights[i * GROUPS + g];
            sum += product[g][i];
        }
        for (var u = 0; u < size; u++) sum += 1 << (WIDTH * u + WIDTH - 1);
        split[g] = Bits(WIDTH * size);
        split[g].in <== sum;
        for (var u = 0; u < size; u++) {
            for (var b = 0; b < WIDTH; b++) bits[PER * g + u][b] <== split[g].out[WIDTH * u + b];
        }
    }
}
