// SPDX-License-Identifier: MIT
pragma circom 2.2.2;

/// @title Context   @notice Ties a proof to one job of one provider on one chain. 1 constraint.
/// @input ctx public: keccak256(abi.encode(taskId, agentId)) >> 8, see context.ts. The square has no use but to put `ctx`
///        into a constraint: a public input in no constraint could be exchanged in a finished proof.
/// @security the verifier computes `ctx` itself; a proof whose ctx it takes from the prover belongs to nobody
template Context() {
    signal input ctx;
    signal square <== ctx * ctx;
}
