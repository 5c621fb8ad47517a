// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChannelClaims} from "./channels/ChannelClaims.sol";
import {Forwarding} from "./extension/Forwarding.sol";
import {IExtension} from "./interfaces/IExtension.sol";
import {Ledger} from "./ledger/Ledger.sol";
import {AuctionLane} from "./market/AuctionLane.sol";
import {JobMarket} from "./market/JobMarket.sol";
import {PackedLane} from "./market/PackedLane.sol";
import {SignedLane} from "./market/SignedLane.sol";
import {MeshStore} from "./MeshStore.sol";
import {DuckToken} from "./token/DuckToken.sol";
import {Params} from "./types/Params.sol";
import {RedundantMode} from "./verification/redundant/RedundantMode.sol";
import {SeatSettlement} from "./verification/redundant/SeatSettlement.sol";

/// @title DuckMesh
/// @notice Holds all DUCK of the mesh: free balances, stakes, escrowed prices, channels and dispute bonds. No owner, no
///         proxy, no pause of exits: whatever is in can leave by the rules it came in under.
/// @dev token.balanceOf(this) = free balances + earnings + staked + unstaking + prices of open jobs + bonds of open
///      disputes + unclaimed channel balances, plus what anybody sends here without depositing it, which belongs to
///      nobody. The code is in three contracts because of EIP-170. Here are the hot paths; every other selector runs the
///      code of DuckMeshJobs or, behind it, DuckMeshAccounts on this contract's storage. IDuckMesh lists the functions
///      of all.
contract DuckMesh is
    MeshStore,
    Forwarding,
    Ledger,
    JobMarket,
    RedundantMode,
    SeatSettlement,
    SignedLane,
    PackedLane,
    AuctionLane,
    ChannelClaims
{
    /// @param jobs a DuckMeshJobs built with the same token and parameters
    constructor(DuckToken token_, Params memory params_, IExtension jobs)
        MeshStore(token_, params_)
        Forwarding(jobs, keccak256(abi.encode(token_, params_)))
    {
        _readTerms();
    }

    /// @notice Where the code is that is not here; its own {extension} says where the rest is.
    function extension() external view returns (address) {
        return _next;
    }

    function _requireForwardable() internal pure override {}
}
