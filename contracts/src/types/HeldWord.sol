// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An address and an amount of DUCK wei in one word, so that changing the amount is one read and one write.
/// @dev Layout, low bits first: address 160 | amount 96. Amounts never exceed the DUCK supply, which is below 2^90.
type HeldWord is uint256;

using HeldWordLib for HeldWord global;

/// @notice Packing of {HeldWord}.
library HeldWordLib {
    uint256 private constant AMOUNT_SHIFT = 160;

    function pack(address holder_, uint96 amountWei_) internal pure returns (HeldWord) {
        return HeldWord.wrap(uint256(uint160(holder_)) | (uint256(amountWei_) << AMOUNT_SHIFT));
    }

    function holder(HeldWord w) internal pure returns (address) {
        return address(uint160(HeldWord.unwrap(w)));
    }

    function amountWei(HeldWord w) internal pure returns (uint96) {
        return uint96(HeldWord.unwrap(w) >> AMOUNT_SHIFT);
    }

    /// @notice Adds to the amount; a sum of 2^96 or more reverts.
    function plus(HeldWord w, uint96 addedWei) internal pure returns (HeldWord) {
        return HeldWord.wrap(HeldWord.unwrap(w) + (uint256(addedWei) << AMOUNT_SHIFT));
    }

    /// @notice Takes from the amount; more than there is reverts.
    function minus(HeldWord w, uint96 takenWei) internal pure returns (HeldWord) {
        return HeldWord.wrap(HeldWord.unwrap(w) - (uint256(takenWei) << AMOUNT_SHIFT));
    }
}
