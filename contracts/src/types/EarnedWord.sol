// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a provider earned, its owner, and the terms it works under, in one word.
/// @dev Layout, low bits first: owner 160 | terms version 6 | amount 90. The amount is gross: the fee of the version is
///      taken when the amount moves on, so being paid never touches the treasury. The DUCK supply is below 2^90.
type EarnedWord is uint256;

using EarnedWordLib for EarnedWord global;

/// @notice Packing of {EarnedWord}.
library EarnedWordLib {
    /// @notice Versions that fit: 0 .. 63.
    uint256 internal constant VERSIONS = 64;

    uint256 private constant VERSION_SHIFT = 160;
    uint256 private constant AMOUNT_SHIFT = 166;

    /// @notice The word of an owner that earned nothing yet.
    function pack(address owner_, uint8 version_) internal pure returns (EarnedWord) {
        return EarnedWord.wrap(uint256(uint160(owner_)) | (uint256(version_) % VERSIONS) << VERSION_SHIFT);
    }

    function owner(EarnedWord w) internal pure returns (address) {
        return address(uint160(EarnedWord.unwrap(w)));
    }

    function version(EarnedWord w) internal pure returns (uint8) {
        return uint8((EarnedWord.unwrap(w) >> VERSION_SHIFT) % VERSIONS);
    }

    function grossWei(EarnedWord w) internal pure returns (uint96) {
        return uint96(EarnedWord.unwrap(w) >> AMOUNT_SHIFT);
    }

    /// @notice Adds to the amount; a sum of 2^90 or more reverts.
    /// @dev Warning: `addedWei` must be DUCK that exists, which keeps it below 2^90.
    function plus(EarnedWord w, uint96 addedWei) internal pure returns (EarnedWord) {
        return EarnedWord.wrap(EarnedWord.unwrap(w) + (uint256(addedWei) << AMOUNT_SHIFT));
    }

    /// @notice The same owner and version with nothing earned.
    function emptied(EarnedWord w) internal pure returns (EarnedWord) {
        return EarnedWord.wrap(EarnedWord.unwrap(w) << 90 >> 90);
    }

    /// @notice The same owner and amount under another version.
    /// @dev Warning: the version also decides the fee of what is in the word already; empty it first.
    function under(EarnedWord w, uint8 version_) internal pure returns (EarnedWord) {
        uint256 rest = EarnedWord.unwrap(w) & ~((VERSIONS - 1) << VERSION_SHIFT);
        return EarnedWord.wrap(rest | (uint256(version_) % VERSIONS) << VERSION_SHIFT);
    }
}
