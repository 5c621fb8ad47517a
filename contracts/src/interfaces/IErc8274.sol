// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// The interfaces of ERC-8274 as drafted in ethereum/ERCs pull request 1771, text of commit
// 9d173ca7d290e5fd61259782454667ad4d23ca03. The draft may still change: interface ids, the event topics and a digest
// vector are tested, so a drift of this file is noticed.

/// @title IProofVerifier
/// @notice One proof system. Says whether a proof connects an input with an output; knows no task, agent or payer.
///         ERC-165 id 0x86761e49.
interface IProofVerifier {
    /// @notice True when `proof` shows that `outputHash` comes from `inputHash`.
    /// @dev Warning: a proof can be copied by whoever sees it. Single use is the caller's business.
    /// @param inputHash commitment to the input; each verifier documents its scheme
    /// @param outputHash commitment to the output; each verifier documents its scheme
    /// @param metadata configuration that is the same in every call (a circuit, an enclave build, a signer set); it never
    ///        comes from whoever brings the proof
    /// @param proof evidence for this one result
    function verify(bytes32 inputHash, bytes32 outputHash, bytes calldata metadata, bytes calldata proof)
        external
        returns (bool);

    /// @notice Kind of proof as "paradigm/variant"; the paradigm is zk, op, tee or attestation.
    function proofSystem() external view returns (string memory);

    /// @notice Hash of the verification code and of all configuration that is not in the metadata.
    /// @dev Warning: it is the verifier's own word. Trust the address, not the profile.
    function proofProfile() external view returns (bytes32);
}

/// @title IAgentVerifier
/// @notice What a settlement contract asks: did this agent do this task with this result? ERC-165 id 0xf2fd7e98.
interface IAgentVerifier {
    /// @notice A proof was judged, whatever the judgement. The fields are the preimage of the digest.
    /// @param agentProofProfile hash of verifier, its profile and the hash of its metadata
    /// @param timestamp unix seconds of the block
    /// @param instanceId packed address of this contract
    /// @param chainId CAIP-2 name of the chain in UTF-8, like "eip155:1"
    event VerificationCompleted(
        bytes32 indexed taskId,
        bytes32 indexed agentId,
        bytes32 indexed verificationDigest,
        bool valid,
        bytes32 inputHash,
        bytes32 outputHash,
        bytes32 agentProofProfile,
        uint256 timestamp,
        bytes instanceId,
        bytes chainId
    );

    /// @notice Judges a proof for one task of one agent.
    /// @return valid whether the proof holds
    /// @return verificationDigest keccak256(abi.encode(taskId, agentId, inputHash, outputHash, valid, agentProofProfile,
    ///         block.timestamp, instanceId, chainId))
    function verify(bytes32 taskId, bytes32 agentId, bytes32 inputHash, bytes32 outputHash, bytes calldata proof)
        external
        returns (bool valid, bytes32 verificationDigest);
}

/// @title IAgentProofProfile
/// @notice Optional, for an agent verifier with one configuration. ERC-165 id 0xa74c71c9.
interface IAgentProofProfile {
    /// @notice keccak256(abi.encode(verifier address, its proofProfile(), keccak256(metadata))).
    function agentProofProfile() external view returns (bytes32);
}

/// @title IAgentVerifiable
/// @notice A settlement contract names the verifier it asks. ERC-165 id 0xb041e563.
interface IAgentVerifiable {
    /// @notice Another verifier is asked from now on.
    /// @param data abi.encode(previous verifier, new verifier)
    event AgentVerifierUpdated(bytes data);

    /// @notice The verifier this contract asks.
    function getAgentVerifier() external view returns (IAgentVerifier);
}
