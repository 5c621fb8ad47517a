// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

/// @title Rectify   @notice max(0, floor(in / 2^SHIFT)) of a signed number. WIDTH + 2 constraints. The one beyond
///        WIDTH + 1 keeps a long sum as `in` on the right of a constraint, of which a proving key holds no factors.
/// @param WIDTH 2..253   @param SHIFT 1..WIDTH-2
/// @input in refused unless -2^(WIDTH-1) <= in < 2^(WIDTH-1)
/// @output out 0 .. 2^(WIDTH-1-SHIFT) - 1
template Rectify(WIDTH, SHIFT) {
    assert(WIDTH <= 253 && SHIFT >= 1 && SHIFT <= WIDTH - 2);
    signal input in;
    signal output out;

    // the bits of in + 2^(WIDTH-1) from the second up; the highest says in >= 0
    signal higher[WIDTH - 1];
    var rest = in + (1 << (WIDTH - 1));
    var value = 0;
    for (var i = 1; i < WIDTH; i++) {
        higher[i - 1] <-- ((in + (1 << (WIDTH - 1))) >> i) & 1;
        higher[i - 1] * (higher[i - 1] - 1) === 0;
        rest -= higher[i - 1] * (1 << i);
        if (i >= SHIFT && i < WIDTH - 1) {
            value += higher[i - 1] * (1 << (i - SHIFT));
        }
    }
    // a bit is its own square: this says that the lowest bit is what the others leave over
    signal lowest <-- (in + (1 << (WIDTH - 1))) & 1;
    lowest * (lowest - 1) === 0;
    lowest * lowest === rest;
    out <== higher[WIDTH - 2] * value;
}

/// @title RectifyBits   @notice The same from the bits of in + 2^(WIDTH-1) that it takes. 1 constraint.
/// @param COUNT bits from SHIFT up: WIDTH - SHIFT
/// @input bits   @security must come from PackedLayer: they are not checked to be bits again
template RectifyBits(COUNT) {
    signal input bits[COUNT];
    signal output out;

    var value = 0;
    for (var i = 0; i < COUNT - 1; i++) {
        value += bits[i] * (1 << i);
    }
    out <== bits[COUNT - 1] * value;
}
