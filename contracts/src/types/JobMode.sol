// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Values of Order.mode that this deployment serves.
library JobMode {
    uint8 internal constant SIGNED = 0; // on-chain lane, one provider, disputable
    uint8 internal constant REDUNDANT = 1; // k seats, commit and open, strict majority
}
