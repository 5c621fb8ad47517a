// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExtension} from "../interfaces/IExtension.sol";
import {ILedger} from "../interfaces/ILedger.sol";

/// @title Forwarding
/// @notice Runs the code of the next part of the mesh for every selector that is not here.
/// @dev The next part is fixed for ever when this one is deployed: a size limit (EIP-170) worked around and not an
///      upgrade path.
abstract contract Forwarding {
    address internal immutable _next;

    /// @param next a part built with the same token and parameters
    /// @param builtWith hash of the token and the parameters of this part
    constructor(IExtension next, bytes32 builtWith) {
        bytes32 theirs = keccak256(abi.encode(next.token(), next.params()));
        require(builtWith == theirs, ILedger.OutOfBounds("extension", uint160(address(next))));
        _next = address(next);
    }

    /// @dev Not payable, like everything here. The next part cannot be without code: it answered the constructor.
    fallback() external {
        _requireForwardable();
        address target = _next;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, 0, calldatasize())
            let ok := delegatecall(gas(), target, buffer, calldatasize(), 0, 0)
            returndatacopy(buffer, 0, returndatasize())
            if ok { return(buffer, returndatasize()) }
            revert(buffer, returndatasize())
        }
    }

    /// @dev Reverts where this code does not run for a mesh.
    function _requireForwardable() internal view virtual;
}
