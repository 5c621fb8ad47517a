// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IAccounts} from "./IAccounts.sol";
import {IAgentVerifiable} from "./IErc8274.sol";
import {IAuctionLane} from "./IAuctionLane.sol";
import {IChannelClaims} from "./IChannelClaims.sol";
import {IChannels} from "./IChannels.sol";
import {IDisputes} from "./IDisputes.sol";
import {IEquivocation} from "./IEquivocation.sol";
import {IExtension} from "./IExtension.sol";
import {IFalseProof} from "./IFalseProof.sol";
import {IJobClosing} from "./IJobClosing.sol";
import {IJobMarket} from "./IJobMarket.sol";
import {IJobTakeover} from "./IJobTakeover.sol";
import {IKeyLiability} from "./IKeyLiability.sol";
import {ILedger} from "./ILedger.sol";
import {IMeshTerms} from "./IMeshTerms.sol";
import {IPackedPreview} from "./IPackedPreview.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";
import {IRedundantMode} from "./IRedundantMode.sol";
import {ISeatFallback} from "./ISeatFallback.sol";
import {ISeatSettlement} from "./ISeatSettlement.sol";
import {ISignedLane} from "./ISignedLane.sol";
import {IVerifiedMode} from "./IVerifiedMode.sol";

/// @title IDuckMesh
/// @notice Everything that can be called at the address of the mesh, wherever its code is.
interface IDuckMesh is
    IERC5267,
    IExtension,
    ILedger,
    IAccounts,
    IMeshTerms,
    IProviderRegistry,
    IKeyLiability,
    IEquivocation,
    IFalseProof,
    IJobMarket,
    IJobClosing,
    IJobTakeover,
    IVerifiedMode,
    IAgentVerifiable,
    IDisputes,
    IRedundantMode,
    ISeatSettlement,
    ISeatFallback,
    ISignedLane,
    IAuctionLane,
    IPackedPreview,
    IChannels,
    IChannelClaims
{
    /// @notice Code of the functions that are not in the mesh itself.
    function extension() external view returns (address);
}
