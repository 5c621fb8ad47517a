// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuckToken} from "../token/DuckToken.sol";
import {Params} from "../types/Params.sol";

/// @title IExtension
/// @notice What the second half of the mesh says about itself; the mesh compares it with its own when deployed.
interface IExtension {
    /// @notice This entry works through the mesh only, not at the address of the extension.
    error NotDelegated();

    /// @notice The only token held.
    function token() external view returns (DuckToken);
    /// @notice What this deployment was built with.
    function params() external view returns (Params memory);
}
