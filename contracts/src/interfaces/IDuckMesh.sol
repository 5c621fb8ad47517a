// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IAccounts} from "./IAccounts.sol";
import {IChannelClaims} from "./IChannelClaims.sol";
import {IChannels} from "./IChannels.sol";
import {IDisputes} from "./IDisputes.sol";
import {IEquivocation} from "./IEquivocation.sol";
import {IExtension} from "./IExtension.sol";
import {IJobClosing} from "./IJobClosing.sol";
import {IJobMarket} from "./IJobMarket.sol";
import {ILedger} from "./ILedger.sol";
import {IPackedPreview} from "./IPackedPreview.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";
import {IRedundantMode} from "./IRedundantMode.sol";
import {ISeatFallback} from "./ISeatFallback.sol";
import {ISignedLane} from "./ISignedLane.sol";

/// @title IDuckMesh
/// @notice Everything that can be called at the address of the mesh, wherever its code is.
interface IDuckMesh is
    IERC5267,
    IExtension,
    ILedger,
    IAccounts,
    IProviderRegistry,
    IEquivocation,
    IJobMarket,
    IJobClosing,
    IDisputes,
    IRedundantMode,
    ISeatFallback,
    ISignedLane,
    IPackedPreview,
    IChannels,
    IChannelClaims
{
    /// @notice Code of the functions that are not in the mesh itself.
    function extension() external view returns (address);
}
