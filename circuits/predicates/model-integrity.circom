// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "../gadgets/bits.circom";
include "../gadgets/commitment.circom";
include "../gadgets/context.circom";

/// @title ModelIntegrity   @notice A committed model has these two layer digests, and every weight of one layer is a signed
///        number of WEIGHT_BITS bits, packed as PackedLayer reads it. WEIGHT_BITS constraints for each weight and 41 for each
///        element: 4.2k for a layer of 31 x 10, 63.9k for one of 197 x 30.
/// @param ROWS inputs of the layer, the bias among them   @param UNITS, WIDTH, PER as in PackedLayer
/// @param LAYER 0 or 1: which layer is opened
/// @input ctx, digest[2] public; a digest names the weights that an auditor has read
/// @input weights, modelSalt private   @output modelCommitment as HiddenClassifier gives it
/// @security two proofs, one for each layer, cover a model
template ModelIntegrity(ROWS, UNITS, WIDTH, PER, WEIGHT_BITS, LAYER) {
    assert(WEIGHT_BITS < WIDTH && PER * WIDTH <= 252);
    var GROUPS = (UNITS + PER - 1) \ PER;
    signal input digest[2];
    signal input ctx;
    signal input weights[ROWS * GROUPS];
    signal input modelSalt;
    signal output modelCommitment;

    Context()(ctx);
    for (var e = 0; e < ROWS * GROUPS; e++) {
        var group = e % GROUPS;
        DigitsInRange(group < GROUPS - 1 ? PER : UNITS - PER * group, WIDTH, WEIGHT_BITS)(weights[e]);
    }
    signal own <== Digest(ROWS * GROUPS)(weights);
    own === digest[LAYER];
    modelCommitment <== Poseidon(3)([digest[0], digest[1], modelSalt]);
}

/// @title DigitsInRange   @notice The element is a sum of COUNT signed digits base 2^WIDTH, each of BITS bits.
///        COUNT BITS constraints and 1 linear.
/// @param COUNT WIDTH at most 252, BITS below WIDTH
template DigitsInRange(COUNT, WIDTH, BITS) {
    signal input in;

    signal bit[COUNT][BITS];
    var offset = 0;
    for (var d = 0; d < COUNT; d++) offset += 1 << (WIDTH * d + BITS - 1);
    var sum = 0;
    for (var d = 0; d < COUNT; d++) {
        for (var b = 0; b < BITS; b++) {
            bit[d][b] <-- ((in + offset) >> (WIDTH * d + b)) & 1;
            bit[d][b] * (bit[d][b] - 1) === 0;
            sum += bit[d][b] * (1 << (WIDTH * d + b));
        }
    }
    sum === in + offset;
}
