// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IProofVerifier} from "../../interfaces/IErc8274.sol";
import {ITeeKeyRegistry} from "../../interfaces/ITeeKeyRegistry.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {TaskInput} from "../../libraries/TaskInput.sol";
import {AttestedResult} from "../../types/AttestedResult.sol";
import {ProofAdapter} from "./ProofAdapter.sol";

/// @title TeeKeyAdapter
/// @notice Accepts a result that is signed by a live enclave key of the agent's own provider. Metadata: the measurement id
///         of the registry, 4 bytes. Proof: abi.encode(taskId, agentId, inputHash, r, vs), the signature in the form of
///         EIP-2098 over AttestedResult(taskInput, outputHash).
/// @dev The preimages of the input hash are in the proof, because the agent must be read from it: the agent id is the
///      provider id. Warning: the enclave vouches for what it computed, the attestation for the enclave, and whoever
///      attested for that; see {IAttestationVerifier}.
contract TeeKeyAdapter is ProofAdapter, EIP712 {
    uint256 private constant METADATA_BYTES = 4;
    uint256 private constant PROOF_BYTES = 5 * 32;

    /// @notice Where enclave keys are looked up.
    ITeeKeyRegistry public immutable registry;

    constructor(ITeeKeyRegistry registry_) EIP712("DuckMesh TeeKeyAdapter", "1") {
        registry = registry_;
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes32 inputHash, bytes32 outputHash, bytes calldata metadata, bytes calldata proof)
        external
        view
        returns (bool)
    {
        if (metadata.length != METADATA_BYTES || proof.length != PROOF_BYTES) return false;
        (bytes32 taskId, bytes32 agentId, bytes32 requestHash, bytes32 r, bytes32 vs) =
            abi.decode(proof, (bytes32, bytes32, bytes32, bytes32, bytes32));
        bool boundHere = TaskInput.bind(taskId, agentId, requestHash) == inputHash;
        if (!boundHere || uint256(agentId) > type(uint32).max) return false;
        bytes32 digest = _hashTypedDataV4(AttestedResult(inputHash, outputHash).hashStruct());
        address key = Signatures.recoverCompact(digest, r, vs);
        return registry.isLive(key, uint32(uint256(agentId)), uint32(bytes4(metadata)));
    }

    /// @inheritdoc IProofVerifier
    function proofSystem() public pure override returns (string memory) {
        return "tee/enclave-key";
    }
}
