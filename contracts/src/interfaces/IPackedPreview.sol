// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IPackedPreview
/// @notice Tells beforehand which items of a packed batch of ISignedLane would be skipped, and why.
interface IPackedPreview {
    /// @notice What {ISignedLane-settlePacked} would do with each item if it were called now.
    /// @return statuses 0 settled, 1 template missing, 2 nonce not above the one before it of the same payer, 3 nonce
    ///         used, 4 expired, 5 amount above the price, 6 free balance too low, 7 signature bad
    function previewPacked(bytes32 header, bytes calldata items) external view returns (uint8[] memory statuses);
}
