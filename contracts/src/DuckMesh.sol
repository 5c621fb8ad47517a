// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ledger} from "./ledger/Ledger.sol";
import {JobStore} from "./market/JobStore.sol";
import {ProviderRegistry} from "./staking/ProviderRegistry.sol";
import {DuckToken} from "./token/DuckToken.sol";
import {Params} from "./types/Params.sol";
import {RedundantMode} from "./verification/redundant/RedundantMode.sol";

/// @title DuckMesh
/// @notice Holds all DUCK of the mesh: free balances, stakes, escrowed prices and dispute bonds. No owner, no proxy,
///         no pause: whatever is in can leave by the rules it came in under.
/// @dev token.balanceOf(this) = free balances + staked + unstaking + prices of open jobs + bonds of open disputes,
///      plus what anybody sends here without depositing it, which belongs to nobody.
contract DuckMesh is RedundantMode {
    constructor(DuckToken token_, Params memory params_)
        Ledger(token_)
        ProviderRegistry(params_.minStakeWei, params_.unbondSeconds)
        JobStore(params_.treasury, params_.feeBps, params_.maxJobLifeSeconds)
    {}

    /// @notice What this deployment was built with.
    function params() external view returns (Params memory) {
        return Params(treasury, feeBps, minStakeWei, maxJobLifeSeconds, unbondSeconds);
    }
}
