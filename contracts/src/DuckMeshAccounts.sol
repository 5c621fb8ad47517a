// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {Channels} from "./channels/Channels.sol";
import {MeshTerms} from "./governance/MeshTerms.sol";
import {IExtension} from "./interfaces/IExtension.sol";
import {Accounts} from "./ledger/Accounts.sol";
import {MeshStore} from "./MeshStore.sol";
import {Equivocation} from "./staking/Equivocation.sol";
import {FalseProof} from "./staking/FalseProof.sol";
import {ProviderRegistry} from "./staking/ProviderRegistry.sol";
import {DuckToken} from "./token/DuckToken.sol";
import {Params} from "./types/Params.sol";

/// @title DuckMeshAccounts
/// @notice The third part of DuckMesh's code: accounts, providers, terms and channels. Holds nothing and can do nothing
///         by itself; the mesh runs it on its own storage.
contract DuckMeshAccounts is
    IERC5267,
    IExtension,
    MeshStore,
    Accounts,
    MeshTerms,
    ProviderRegistry,
    Equivocation,
    FalseProof,
    Channels
{
    /// @param token_ the token of the mesh
    /// @param params_ the parameters of the mesh
    constructor(DuckToken token_, Params memory params_) MeshStore(token_, params_) {}

    /// @inheritdoc IExtension
    function token() external view returns (DuckToken) {
        return duck;
    }

    /// @inheritdoc IExtension
    function params() external view returns (Params memory) {
        return _params();
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        // Name, version, chain id and contract: bits 0 to 3.
        return (0x0f, DOMAIN_NAME, DOMAIN_VERSION, block.chainid, address(this), 0, new uint256[](0));
    }
}
