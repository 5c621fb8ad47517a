// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IAttestationVerifier
/// @notice One way to be sure that a key lives in an enclave. Port of the TeeKeyRegistry: an on-chain check of DCAP quotes
///         or Nitro documents fits behind it as well as the signatures of attesters.
interface IAttestationVerifier {
    /// @notice Checks the evidence and returns what it says; reverts when it is not good.
    /// @dev Warning: an implementation must refuse debug enclaves and outdated platforms itself. The registry knows only
    ///      what is returned here.
    /// @return key address of the enclave's key
    /// @return measurement hash of the code and configuration the enclave runs
    /// @return expiresAt last second at which the key should count
    /// @return nonce what the enclave put beside its key in the report data
    function verify(bytes calldata evidence)
        external
        view
        returns (address key, bytes32 measurement, uint40 expiresAt, bytes32 nonce);
}
