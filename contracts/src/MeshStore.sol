// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChannelStore} from "./channels/ChannelStore.sol";
import {TermsStore} from "./governance/TermsStore.sol";
import {LedgerStore} from "./ledger/LedgerStore.sol";
import {JobStore} from "./market/JobStore.sol";
import {ProviderStore} from "./staking/ProviderStore.sol";
import {DuckToken} from "./token/DuckToken.sol";
import {Params} from "./types/Params.sol";

/// @title MeshStore
/// @notice All storage and all immutables of the mesh, in one line of inheritance.
/// @dev DuckMesh and the further parts all inherit this and declare no variable outside the stores, so a slot means
///      the same in each. A test compares the layouts that the compiler gives.
abstract contract MeshStore is ChannelStore {
    constructor(DuckToken token_, Params memory params_)
        LedgerStore(token_)
        TermsStore(params_.treasury, params_.meshParams, params_.maxJobLifeSeconds)
        ProviderStore(params_.minStakeWei, params_.unbondSeconds)
        JobStore(params_.agentVerifier)
    {}

    function _params() internal view returns (Params memory) {
        return Params(_treasury, minStakeWei, maxJobLifeSeconds, unbondSeconds, _meshParams, _agentVerifier);
    }
}
