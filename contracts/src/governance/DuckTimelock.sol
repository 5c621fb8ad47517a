// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title DuckTimelock
/// @notice Owner of {MeshParams}. Does what the governor queued, after a delay that no vote can bring under two days.
/// @dev Roles: the governor proposes and cancels, anybody executes, the timelock alone can change roles. There is no
///      other admin, not even while it is deployed.
contract DuckTimelock is TimelockController {
    /// @notice Least time in seconds between queueing and executing.
    uint256 public constant MIN_DELAY_SECONDS = 2 days;

    /// @param governor the only proposer
    /// @param delaySeconds less than {MIN_DELAY_SECONDS} counts as that
    constructor(address governor, uint256 delaySeconds)
        TimelockController(delaySeconds, _only(governor), _only(address(0)), address(0))
    {}

    /// @notice Seconds between queueing and executing, at least {MIN_DELAY_SECONDS} whatever updateDelay was given.
    function getMinDelay() public view override returns (uint256) {
        return Math.max(super.getMinDelay(), MIN_DELAY_SECONDS);
    }

    /// @dev The zero address as executor opens execution to everybody.
    function _only(address account) private pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }
}
