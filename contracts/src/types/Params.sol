// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMeshAgentVerifier} from "../interfaces/IMeshAgentVerifier.sol";
import {IMeshParams} from "../interfaces/IMeshParams.sol";

/// @notice Fixed at deployment. The module that uses a value checks its hard bounds.
struct Params {
    address treasury; // ledger account that receives the fee; can never own a provider
    uint96 minStakeWei; // stake needed to register and to take jobs
    uint32 maxJobLifeSeconds; // upper limit of what the terms may allow, 1 minute .. 90 days
    uint32 unbondSeconds; // delay of unstaking, at least twice maxJobLifeSeconds, at most 365 days
    IMeshParams meshParams; // where governance publishes terms and the guardian freezes
    IMeshAgentVerifier agentVerifier; // checks the proofs of the modes reference, attested and proof; zero: not served
}
