// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuckMesh} from "../../src/DuckMesh.sol";
import {DuckMeshAccounts} from "../../src/DuckMeshAccounts.sol";
import {DuckMeshJobs} from "../../src/DuckMeshJobs.sol";
import {MeshParams} from "../../src/governance/MeshParams.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {IMeshAgentVerifier} from "../../src/interfaces/IMeshAgentVerifier.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {Params} from "../../src/types/Params.sol";
import {Terms} from "../../src/types/Terms.sol";

/// @notice Test only: a mesh with all its parts.
library MeshDeployment {
    uint16 internal constant FEE_BPS = 250;
    uint32 internal constant MAX_JOB_LIFE_SECONDS = 1 days;

    /// @param governor owner and guardian of the mesh's parameters
    function deploy(DuckToken token, address treasury, address governor) internal returns (IDuckMesh, MeshParams) {
        return deploy(token, treasury, governor, IMeshAgentVerifier(address(0)));
    }

    /// @param verifier asked about proofs
    function deploy(DuckToken token, address treasury, address governor, IMeshAgentVerifier verifier)
        internal
        returns (IDuckMesh, MeshParams)
    {
        MeshParams meshParams =
            new MeshParams(governor, governor, 2 days, Terms(FEE_BPS, 0, MAX_JOB_LIFE_SECONDS));
        Params memory params =
            Params(treasury, 100 ether, MAX_JOB_LIFE_SECONDS, 2 days, meshParams, verifier);
        DuckMeshAccounts accounts = new DuckMeshAccounts(token, params);
        DuckMeshJobs jobs = new DuckMeshJobs(token, params, accounts);
        return (IDuckMesh(address(new DuckMesh(token, params, jobs))), meshParams);
    }
}
