// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using ProofClaimLib for ProofClaim global;

/// @notice A provider's statement that a proof holds, made when it delivers off chain. Signed by its signing key.
struct ProofClaim {
    bytes32 jobId; // EIP-712 digest of the order
    uint32 providerId;
    bytes32 outputHash; // what the proof is said to show
    bytes32 proofHash; // keccak256 of the proof bytes, as submitProof takes them
}

/// @notice EIP-712 hashing of {ProofClaim}.
library ProofClaimLib {
    bytes32 internal constant TYPEHASH =
        keccak256("ProofClaim(bytes32 jobId,uint32 providerId,bytes32 outputHash,bytes32 proofHash)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(ProofClaim calldata claim) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(TYPEHASH, claim.jobId, claim.providerId, claim.outputHash, claim.proofHash)
        );
    }
}
