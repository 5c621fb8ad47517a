// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExtension} from "../interfaces/IExtension.sol";

/// @title Delegated
/// @notice The further parts of the mesh run on the storage of the mesh or not at all.
/// @dev Called by itself, such a part has no balances and no jobs; this keeps it from ever having any, and from
///      emitting events that look like those of a mesh.
abstract contract Delegated {
    address private immutable _self = address(this);

    modifier delegated() {
        _requireDelegated();
        _;
    }

    function _requireDelegated() internal view {
        require(address(this) != _self, IExtension.NotDelegated());
    }
}
