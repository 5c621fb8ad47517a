// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationVerifier} from "./IAttestationVerifier.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";

/// @title ITeeKeyRegistry
/// @notice Enclave keys of providers. A quote is judged once, when its key enters; after that a result costs one plain
///         signature. Who may say what a good quote is, and of which enclave build, is pinned by a measurement id.
///
///         measurement: none -> allowed -> revoked          key: none -> attested (again and again) -> revoked
/// @dev The owner (a timelock) allows measurements, never keys. Revocations are final and need no delay.
interface ITeeKeyRegistry {
    /// @notice An enclave build together with the verifier that is believed about it.
    struct Measurement {
        IAttestationVerifier verifier;
        bool revoked;
        bytes32 digest; // hash of the code and configuration the enclave runs
    }

    /// @notice What is known of an enclave's key.
    struct TeeKey {
        uint32 providerId; // zero = never attested
        uint32 measurementId;
        uint40 expiresAt; // last second at which the key counts
        bool revoked;
    }

    event MeasurementAllowed(uint32 indexed measurementId, bytes32 indexed digest, address indexed verifier);
    event MeasurementRevoked(uint32 indexed measurementId, address indexed by);
    event KeyAttested(
        address indexed key, uint32 indexed providerId, uint32 indexed measurementId, uint40 expiresAt
    );
    event KeyRevoked(address indexed key, address indexed by);
    /// @notice Another account may revoke; zero = the owner alone.
    event RevokerSet(address indexed revoker);

    /// @notice The longest life of a key is outside its bounds.
    error TtlOutOfBounds(uint40 haveSeconds, uint40 minSeconds, uint40 maxSeconds);
    /// @notice An all-zero measurement is what a debug enclave reports.
    error DebugMeasurement();
    /// @notice The address has no code.
    error NoVerifierCode(address verifier);
    /// @notice This verifier and measurement have an id already, revoked or not.
    error MeasurementKnown(uint32 measurementId);
    /// @notice The id was never given out.
    error MeasurementUnknown(uint32 measurementId);
    /// @notice The measurement was revoked.
    error RevokedMeasurement(uint32 measurementId);
    /// @notice The quote is of another enclave build.
    error WrongMeasurement(bytes32 have, bytes32 want);
    /// @notice The quote was made for another provider, chain, registry or attestation.
    error WrongNonce(bytes32 have, bytes32 want);
    /// @notice The key would be expired already, or live longer than allowed.
    error ExpiryOutOfBounds(uint40 have, uint40 min, uint40 max);
    /// @notice The key was revoked; it can never be attested again.
    error RevokedKey(address key);
    /// @notice The key was attested for another provider or measurement.
    error KeyAttestedOtherwise(address key, uint32 providerId, uint32 measurementId);
    /// @notice The zero address cannot sign.
    error ZeroEnclaveKey();
    /// @notice Only the owner or the revoker, or for a key its own provider.
    error NotRevoker(address caller);

    /// @notice Allows keys of an enclave build, attested through one verifier. Owner only.
    /// @param digest what the verifier returns as measurement
    /// @return measurementId ids count up from 1 and never change their meaning
    function allowMeasurement(IAttestationVerifier verifier, bytes32 digest) external returns (uint32 measurementId);

    /// @notice Names the account that may revoke beside the owner. Owner only.
    function setRevoker(address revoker_) external;

    /// @notice Makes all keys of a measurement worthless, for ever. Owner or revoker.
    function revokeMeasurement(uint32 measurementId) external;

    /// @notice Makes a key worthless, for ever. Owner or revoker, before or after its attestation; its provider too, once
    ///         it is attested.
    function revokeKey(address key) external;

    /// @notice Enters a key of an enclave of the caller's provider, or extends its life. Called by the provider's owner or
    ///         signing key, so nobody else can use up its challenge.
    /// @dev Evidence works once: the challenge of the provider changes with every attestation. Warning: until then it can
    ///      be brought late, so whoever attests gives short expiries; the longest life is counted from the call.
    /// @param evidence in the form that the measurement's verifier documents
    /// @return key the enclave's key
    function attestKey(uint32 providerId, uint32 measurementId, bytes calldata evidence)
        external
        returns (address key);

    /// @notice The nonce that the provider's next quote must carry: keccak256(abi.encode(chain id, this registry,
    ///         providerId, number of attestations so far)). Those after it can be computed ahead.
    function challengeOf(uint32 providerId) external view returns (bytes32);

    /// @notice True when results of `key` count now: attested for this provider and measurement, not expired, neither key
    ///         nor measurement revoked.
    function isLive(address key, uint32 providerId, uint32 measurementId) external view returns (bool);

    /// @notice All zero for an unknown key.
    function keyOf(address key) external view returns (TeeKey memory);

    /// @notice All zero for an unknown id.
    function measurementOf(uint32 measurementId) external view returns (Measurement memory);

    /// @notice Ids 1 .. measurementCount exist.
    function measurementCount() external view returns (uint32);

    /// @notice The account that may revoke beside the owner; zero = none.
    function revoker() external view returns (address);

    /// @notice The mesh whose provider ids are meant.
    function providers() external view returns (IProviderRegistry);

    /// @notice Seconds from the attestation to the latest expiry it can give.
    function maxTtlSeconds() external view returns (uint40);
}
