// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using KeyAttestationLib for KeyAttestation global;

/// @notice An attester's statement that it checked an enclave's quote: genuine hardware, production mode, this
///         measurement, and key and nonce in the report data.
struct KeyAttestation {
    address enclaveKey; // signs results; its private half never leaves the enclave
    bytes32 measurement; // hash of the code and configuration the enclave runs
    uint40 expiresAt; // last second at which the key counts
    bytes32 nonce; // challenge of the registry, which names chain, registry and provider
    bytes32 quoteHash; // keccak256 of the raw quote, so that anybody can check the attester later
}

/// @notice EIP-712 hashing of {KeyAttestation}.
library KeyAttestationLib {
    bytes32 internal constant TYPEHASH = keccak256(
        "KeyAttestation(address enclaveKey,bytes32 measurement,uint40 expiresAt,bytes32 nonce,bytes32 quoteHash)"
    );

    /// @notice hashStruct of EIP-712.
    function hashStruct(KeyAttestation memory a) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, a.enclaveKey, a.measurement, a.expiresAt, a.nonce, a.quoteHash));
    }
}
