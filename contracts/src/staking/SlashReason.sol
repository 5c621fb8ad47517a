// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Why a bond was lost; emitted with ProviderSlashed.
library SlashReason {
    uint8 internal constant MINORITY = 1; // opened another output than the majority
    uint8 internal constant SILENT = 2; // committed and never opened
    uint8 internal constant COPIED = 3; // committed to another seat's commitment
    uint8 internal constant LATE = 4; // accepted and did not submit in time
    uint8 internal constant DISPUTE_LOST = 5; // a re-execution found another output
    uint8 internal constant EQUIVOCATION = 6; // signed two outputs for one job
    uint8 internal constant FALSE_PROOF = 7; // signed that a proof holds which does not
}
