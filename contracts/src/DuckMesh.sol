// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChannelClaims} from "./channels/ChannelClaims.sol";
import {IExtension} from "./interfaces/IExtension.sol";
import {Ledger} from "./ledger/Ledger.sol";
import {JobMarket} from "./market/JobMarket.sol";
import {PackedLane} from "./market/PackedLane.sol";
import {SignedLane} from "./market/SignedLane.sol";
import {MeshStore} from "./MeshStore.sol";
import {DuckToken} from "./token/DuckToken.sol";
import {Params} from "./types/Params.sol";
import {RedundantMode} from "./verification/redundant/RedundantMode.sol";

/// @title DuckMesh
/// @notice Holds all DUCK of the mesh: free balances, stakes, escrowed prices, channels and dispute bonds. No owner, no
///         proxy, no pause: whatever is in can leave by the rules it came in under.
/// @dev token.balanceOf(this) = free balances + staked + unstaking + prices of open jobs + bonds of open disputes +
///      unclaimed channel balances, plus what anybody sends here without depositing it, which belongs to nobody.
///      The code is in two contracts because of EIP-170. Here are the hot paths; every other selector runs the code of
///      the extension on this contract's storage. The extension is fixed for ever when the mesh is deployed, so this
///      is a size limit worked around and not an upgrade path. IDuckMesh lists the functions of both.
contract DuckMesh is MeshStore, Ledger, JobMarket, RedundantMode, SignedLane, PackedLane, ChannelClaims {
    /// @notice Code of the selectors that are not here.
    address public immutable extension;

    /// @param extension_ a DuckMeshExtension built with the same token and parameters
    constructor(DuckToken token_, Params memory params_, IExtension extension_) MeshStore(token_, params_) {
        bytes32 ours = keccak256(abi.encode(token_, params_));
        bytes32 theirs = keccak256(abi.encode(extension_.token(), extension_.params()));
        require(ours == theirs, OutOfBounds("extension", uint160(address(extension_))));
        extension = address(extension_);
    }

    /// @dev Not payable, like everything here. The extension cannot be without code: it answered the constructor.
    fallback() external {
        address target = extension;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, 0, calldatasize())
            let ok := delegatecall(gas(), target, buffer, calldatasize(), 0, 0)
            returndatacopy(buffer, 0, returndatasize())
            if ok { return(buffer, returndatasize()) }
            revert(buffer, returndatasize())
        }
    }
}
