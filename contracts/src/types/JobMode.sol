// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Values of Order.mode: how the answer is verified.
library JobMode {
    uint8 internal constant SIGNED = 0; // one provider, disputable
    uint8 internal constant REDUNDANT = 1; // k seats, commit and open, strict majority
    uint8 internal constant REFERENCE = 2; // one provider, disputable; validators' verdicts end it early
    uint8 internal constant ATTESTED = 3; // one provider, result signed by an attested enclave key
    uint8 internal constant PROOF = 4; // one provider, result with a zero-knowledge proof
    uint8 internal constant AUCTION = 5; // as SIGNED, but payable by the auction lane alone

    /// @notice True when the mode has a verifier behind {IVerifiedMode}.
    function isVerified(uint8 mode) internal pure returns (bool) {
        return mode >= REFERENCE && mode <= PROOF;
    }

    /// @notice True when nothing but a checked proof can deliver the result.
    function needsProof(uint8 mode) internal pure returns (bool) {
        return mode == ATTESTED || mode == PROOF;
    }
}
