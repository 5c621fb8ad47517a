// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ISyncTerms
/// @notice A mesh, as {IMeshParams} sees it.
interface ISyncTerms {
    /// @notice Reads {IMeshParams-current} and stores it. Anybody may call.
    function syncTerms() external;
}
