// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

/// @title Bits   @notice Splits a number into its N bits, lowest first. N constraints.
/// @param N width; 1..253, for 2^253 is below the field and so no second number has the same bits
/// @input in any field element: the constraints refuse it unless it is below 2^N
/// @output out the bits
template Bits(N) {
    assert(N >= 1 && N <= 253);
    signal input in;
    signal output out[N];

    var sum = 0;
    for (var i = 0; i < N; i++) {
        out[i] <-- (in >> i) & 1;
        out[i] * (out[i] - 1) === 0;
        sum += out[i] * (1 << i);
    }
    sum === in;
}

/// @title Width   @notice in < 2^N, and no more. N constraints, and unlike Bits no linear one: the lowest bit is not a signal
///        but what the others leave over. Then the compiler does not write `in` as a sum of bits wherever it is used, which
///        multiplies the size of keys when many sums read many small values.
/// @param N as in Bits
/// @input in any field element
template Width(N) {
    assert(N >= 1 && N <= 253);
    signal input in;

    signal higher[N - 1];
    var rest = in;
    for (var i = 1; i < N; i++) {
        higher[i - 1] <-- (in >> i) & 1;
        higher[i - 1] * (higher[i - 1] - 1) === 0;
        rest -= higher[i - 1] * (1 << i);
    }
    rest * (rest - 1) === 0;
}

/// @title InRange   @notice low <= in <= high. 2 N constraints.
/// @param N width of the three numbers
/// @input in any field element
/// @input low, high   @security the caller must know both to be below 2^N, as constants, as public inputs that the
///        verifier checks, or through Width(N); otherwise a range may wrap around the field
template InRange(N) {
    assert(N <= 252);
    signal input in;
    signal input low;
    signal input high;

    Width(N)(in - low);
    Width(N)(high - in);
}
