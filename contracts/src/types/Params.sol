// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Fixed at deployment. The module that uses a value checks its hard bounds.
struct Params {
    address treasury; // ledger account that receives the fee
    uint16 feeBps; // fee in 1/10,000 of what providers earn, at most 1000
    uint96 minStakeWei; // stake needed to register and to take jobs
    uint32 maxJobLifeSeconds; // from entering an order to its last deadline, 1 minute .. 90 days
    uint32 unbondSeconds; // delay of unstaking, at least twice maxJobLifeSeconds, at most 365 days
}
