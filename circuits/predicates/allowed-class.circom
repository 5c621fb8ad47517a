// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

include "../gadgets/bits.circom";

/// @title AllowedClass   @notice The selected class is in a set, without saying which class it is. 2 N + 1 constraints.
/// @param N classes, at most 253
/// @input selected one 1, else 0   @security must come from Argmax: it is not checked to be one-hot again
/// @input allowed public: bit i is 1 if class i is in the set; refused if a bit beyond N is set
/// @security a set of one class reveals it, and so do two proofs of one input with different sets: the verifier fixes the set
template AllowedClass(N) {
    signal input selected[N];
    signal input allowed;

    signal bit[N] <== Bits(N)(allowed);
    signal both[N];
    var found = 0;
    for (var i = 0; i < N; i++) {
        both[i] <== selected[i] * bit[i];
        found += both[i];
    }
    found === 1;
}
