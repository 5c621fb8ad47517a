// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "../gadgets/argmax.circom";
include "../gadgets/commitment.circom";
include "../gadgets/context.circom";
include "../gadgets/packed.circom";
include "../gadgets/rectify.circom";

/// @title PackedNetwork   @notice A classifier with one hidden layer whose weights are signals, packed as in PackedLayer.
/// @param INPUTS, HIDDEN, CLASSES   @param WIDTH1, WIDTH2 signed bits of the sums of each layer
/// @param PER1, PER2 units to an element   @param SHIFT hidden sums are divided by 2^SHIFT   @param BIAS input of the biases
/// @input pixels   @security range-checked by the caller
/// @input weights1, weights2   @security bound by the caller: public, or committed
/// @output class   @output the lowest index among equal scores
template PackedNetwork(INPUTS, HIDDEN, CLASSES, WIDTH1, PER1, SHIFT, WIDTH2, PER2, BIAS) {
    var GROUPS1 = (HIDDEN + PER1 - 1) \ PER1;
    var GROUPS2 = (CLASSES + PER2 - 1) \ PER2;
    signal input pixels[INPUTS];
    signal input weights1[(INPUTS + 1) * GROUPS1];
    signal input weights2[(HIDDEN + 1) * GROUPS2];
    signal output class;

    signal bits1[HIDDEN][WIDTH1] <== PackedLayer(INPUTS, HIDDEN, WIDTH1, PER1, BIAS)(pixels, weights1);
    signal hidden[HIDDEN];
    component rectify[HIDDEN];
    for (var u = 0; u < HIDDEN; u++) {
        rectify[u] = RectifyBits(WIDTH1 - SHIFT);
        for (var b = SHIFT; b < WIDTH1; b++) rectify[u].bits[b - SHIFT] <== bits1[u][b];
        hidden[u] <== rectify[u].out;
    }

    // the offset 2^(WIDTH2-1) is in every score alike, and Argmax looks at differences alone
    signal bits2[CLASSES][WIDTH2] <== PackedLayer(HIDDEN, CLASSES, WIDTH2, PER2, BIAS)(hidden, weights2);
    component decision = Argmax(CLASSES, WIDTH2);
    for (var c = 0; c < CLASSES; c++) {
        var score = 0;
        for (var b = 0; b < WIDTH2; b++) score += bits2[c][b] * (1 << b);
        decision.in[c] <== score;
    }
    class <== decision.index;
}

/// @title PackedClassifier   @notice Mode P: the weights are public inputs, so one key serves every model of a shape, and the
///        verifier knows the model by its weights. 2,468 constraints for 196-30-10.
///        Public signals: class, inputCommitment, ctx, weights1, weights2.
/// @security a verifier may keep W, the sum of weights times their points of the verifying key, in place of the weights, but
///        only if it derived W itself: whoever may choose a bare W can prove any class without knowing any input.
template PackedClassifier(INPUTS, PIXEL_BITS, HIDDEN, CLASSES, WIDTH1, PER1, SHIFT, WIDTH2, PER2, BIAS) {
    var GROUPS1 = (HIDDEN + PER1 - 1) \ PER1;
    var GROUPS2 = (CLASSES + PER2 - 1) \ PER2;
    signal input ctx;
    signal input weights1[(INPUTS + 1) * GROUPS1];
    signal input weights2[(HIDDEN + 1) * GROUPS2];
    signal input pixels[INPUTS];
    signal input salt;
    signal output class;
    signal output inputCommitment;

    Context()(ctx);
    inputCommitment <== ValuesCommitment(INPUTS, PIXEL_BITS)(pixels, salt); // 784 + 321
    class <== PackedNetwork(INPUTS, HIDDEN, CLASSES, WIDTH1, PER1, SHIFT, WIDTH2, PER2, BIAS)(pixels, weights1, weights2);
}

/// @title HiddenClassifier   @notice Mode C: the weights stay hidden behind a salted commitment that all proofs of the model
///        share. 20.2k constraints for 196-30-10 and one image, of which 17.7k open the commitment; each further image of the
///        same proof adds 2,467. Public signals: class for each image, inputCommitment for each, modelCommitment, ctx.
/// @param IMAGES inputs classified in one proof
/// @output modelCommitment Poseidon(digest of weights1, digest of weights2, modelSalt)
/// @security the verifier compares modelCommitment with the one that it knows; ModelIntegrity ties that one to published
///        digests and to weights of 8 bits
template HiddenClassifier(IMAGES, INPUTS, PIXEL_BITS, HIDDEN, CLASSES, WIDTH1, PER1, SHIFT, WIDTH2, PER2, BIAS) {
    var GROUPS1 = (HIDDEN + PER1 - 1) \ PER1;
    var GROUPS2 = (CLASSES + PER2 - 1) \ PER2;
    signal input ctx;
    signal input weights1[(INPUTS + 1) * GROUPS1];
    signal input weights2[(HIDDEN + 1) * GROUPS2];
    signal input modelSalt;
    signal input pixels[IMAGES][INPUTS];
    signal input salt[IMAGES];
    signal output class[IMAGES];
    signal output inputCommitment[IMAGES];
    signal output modelCommitment;

    Context()(ctx);
    signal digest1 <== Digest((INPUTS + 1) * GROUPS1)(weights1); // 26 of 609, and 321
    signal digest2 <== Digest((HIDDEN + 1) * GROUPS2)(weights2); // 2 of 609, and 240
    modelCommitment <== Poseidon(3)([digest1, digest2, modelSalt]); // 261
    for (var k = 0; k < IMAGES; k++) {
        inputCommitment[k] <== ValuesCommitment(INPUTS, PIXEL_BITS)(pixels[k], salt[k]);
        class[k] <== PackedNetwork(INPUTS, HIDDEN, CLASSES, WIDTH1, PER1, SHIFT, WIDTH2, PER2, BIAS)(
            pixels[k], weights1, weights2);
    }
}
