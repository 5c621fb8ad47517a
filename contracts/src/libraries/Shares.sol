// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice How amounts are divided. All amounts are DUCK wei; the rounding direction is named.
library Shares {
    uint256 internal constant BPS = 10_000;

    /// @notice Protocol fee of a gross amount, rounded down in favour of the provider.
    function feeDown(uint96 grossWei, uint16 feeBps) internal pure returns (uint96) {
        // 96 and 16 bits do not overflow 256, and feeBps <= BPS, so the quotient never exceeds grossWei.
        unchecked {
            return uint96((uint256(grossWei) * feeBps) / BPS);
        }
    }

    /// @notice The burned half of a lost bond, rounded up so that no bond is too small to hurt.
    function burnedUp(uint96 bondWei) internal pure returns (uint96) {
        return uint96((uint256(bondWei) + 1) / 2);
    }
}
