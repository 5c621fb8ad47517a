// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuckToken} from "../token/DuckToken.sol";
import {Params} from "../types/Params.sol";

/// @title IExtension
/// @notice What the further parts of the mesh say about themselves; the part before compares it with its own.
interface IExtension {
    /// @notice This entry works through the mesh only, not at the address of a part.
    error NotDelegated();

    /// @notice The only token held.
    function token() external view returns (DuckToken);
    /// @notice What this deployment was built with.
    function params() external view returns (Params memory);
}
