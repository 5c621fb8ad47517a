// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "./extension/Delegated.sol";
import {Forwarding} from "./extension/Forwarding.sol";
import {IExtension} from "./interfaces/IExtension.sol";
import {Disputes} from "./market/Disputes.sol";
import {JobClosing} from "./market/JobClosing.sol";
import {JobTakeover} from "./market/JobTakeover.sol";
import {PackedPreview} from "./market/PackedPreview.sol";
import {VerifiedMode} from "./market/VerifiedMode.sol";
import {MeshStore} from "./MeshStore.sol";
import {DuckToken} from "./token/DuckToken.sol";
import {Params} from "./types/Params.sol";
import {SeatFallback} from "./verification/redundant/SeatFallback.sol";

/// @title DuckMeshJobs
/// @notice The second part of DuckMesh's code: the rarer ends and turns of jobs. Holds nothing and can do nothing by
///         itself; the mesh runs it on its own storage.
contract DuckMeshJobs is
    IExtension,
    MeshStore,
    Delegated,
    Forwarding,
    JobClosing,
    JobTakeover,
    VerifiedMode,
    Disputes,
    SeatFallback,
    PackedPreview
{
    /// @param token_ the token of the mesh
    /// @param params_ the parameters of the mesh
    /// @param accounts a DuckMeshAccounts built with both
    constructor(DuckToken token_, Params memory params_, IExtension accounts)
        MeshStore(token_, params_)
        Forwarding(accounts, keccak256(abi.encode(token_, params_)))
    {}

    /// @inheritdoc IExtension
    function token() external view returns (DuckToken) {
        return duck;
    }

    /// @inheritdoc IExtension
    function params() external view returns (Params memory) {
        return _params();
    }

    /// @notice Where the rest of the code is.
    function extension() external view returns (address) {
        return _next;
    }

    function _requireForwardable() internal view override {
        _requireDelegated();
    }
}
