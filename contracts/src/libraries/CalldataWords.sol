// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Array items straight from calldata, without the bounds check and the clean-up of `array[index]`.
/// @dev Warning: only for loops whose bound was compared with `array.length`, and for uint32 items only after
///      `requireClean` or after a hash over the raw words was found to be a known one.
library CalldataWords {
    /// @notice A uint32 item has high bits set.
    error DirtyWord(uint256 word);

    function itemAt(bytes32[] calldata array, uint256 index) internal pure returns (bytes32 item) {
        assembly ("memory-safe") {
            item := calldataload(add(array.offset, shl(5, index)))
        }
    }

    function itemAt(uint32[] calldata array, uint256 index) internal pure returns (uint32) {
        return uint32(wordAt(array, index));
    }

    /// @notice Reverts like Solidity's own decoding does when an item is no uint32.
    function requireClean(uint32[] calldata array, uint256 index) internal pure returns (uint32) {
        uint256 word = wordAt(array, index);
        require(word <= type(uint32).max, DirtyWord(word));
        return uint32(word);
    }

    function wordAt(uint32[] calldata array, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(array.offset, shl(5, index)))
        }
    }
}
