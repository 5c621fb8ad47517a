// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IEarnings
/// @notice What providers and the treasury take out.
interface IEarnings {
    event EarningsWithdrawn(uint32 indexed providerId, address indexed owner, uint96 amountWei);
    event FeesWithdrawn(uint32 indexed coordinatorId, address indexed treasury, uint96 amountWei);

    /// @notice Sends everything a provider earned here to its owner in the mesh. Anybody may call.
    function withdrawEarnings(uint32 providerId) external;

    /// @notice Sends the fees that wait at a coordinator to the treasury of the mesh. Anybody may call.
    function withdrawFees(uint32 coordinatorId) external;

    /// @notice What a provider can take out, DUCK wei.
    function earningsOf(uint32 providerId) external view returns (uint96);
}
