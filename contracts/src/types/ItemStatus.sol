// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What becomes of one item of a packed batch.
library ItemStatus {
    uint8 internal constant SETTLED = 0;
    uint8 internal constant NO_TEMPLATE = 1; // the batch has no such template
    uint8 internal constant NONCE_NOT_ASCENDING = 2; // not above the one before it of the same payer
    uint8 internal constant NONCE_USED = 3;
    uint8 internal constant EXPIRED = 4;
    uint8 internal constant AMOUNT_TOO_HIGH = 5; // above the price
    uint8 internal constant NO_MONEY = 6; // the payer's free balance is too low
    uint8 internal constant BAD_SIGNATURE = 7;
}
