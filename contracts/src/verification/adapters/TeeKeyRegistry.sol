// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {IProviderRegistry} from "../../interfaces/IProviderRegistry.sol";
import {ITeeKeyRegistry} from "../../interfaces/ITeeKeyRegistry.sol";

/// @title TeeKeyRegistry
/// @notice Enclave keys that were attested once, and what can be taken back about them.
contract TeeKeyRegistry is ITeeKeyRegistry, Ownable2Step {
    uint40 internal constant MIN_TTL = 1 hours;
    uint40 internal constant MAX_TTL = 90 days;

    /// @inheritdoc ITeeKeyRegistry
    IProviderRegistry public immutable providers;
    /// @inheritdoc ITeeKeyRegistry
    uint40 public immutable maxTtlSeconds;

    /// @inheritdoc ITeeKeyRegistry
    address public revoker;
    /// @inheritdoc ITeeKeyRegistry
    uint32 public measurementCount;

    /// @dev One word: providerId 32 | measurementId 32 | expiresAt 40 | revoked 8. The hot path reads it and slot 0 of
    ///      the measurement, nothing else.
    mapping(address key => TeeKey) private _keys;
    /// @dev slot 0: verifier 160 | revoked 8; slot 1: digest.
    mapping(uint32 measurementId => Measurement) private _measurements;
    mapping(IAttestationVerifier verifier => mapping(bytes32 digest => uint32 measurementId)) private _ids;
    mapping(uint32 providerId => uint256) private _attestations;

    constructor(IProviderRegistry providers_, address owner_, address revoker_, uint40 maxTtlSeconds_)
        Ownable(owner_)
    {
        bool inBounds = maxTtlSeconds_ >= MIN_TTL && maxTtlSeconds_ <= MAX_TTL;
        require(inBounds, TtlOutOfBounds(maxTtlSeconds_, MIN_TTL, MAX_TTL));
        providers = providers_;
        maxTtlSeconds = maxTtlSeconds_;
        _setRevoker(revoker_);
    }

    /// @inheritdoc ITeeKeyRegistry
    function allowMeasurement(IAttestationVerifier verifier, bytes32 digest)
        external
        onlyOwner
        returns (uint32 measurementId)
    {
        require(digest != 0, DebugMeasurement());
        require(address(verifier).code.length != 0, NoVerifierCode(address(verifier)));
        uint32 known = _ids[verifier][digest];
        require(known == 0, MeasurementKnown(known));
        measurementId = ++measurementCount;
        _ids[verifier][digest] = measurementId;
        _measurements[measurementId] = Measurement(verifier, false, digest);
        emit MeasurementAllowed(measurementId, digest, address(verifier));
    }

    /// @inheritdoc ITeeKeyRegistry
    function setRevoker(address revoker_) external onlyOwner {
        _setRevoker(revoker_);
    }

    /// @inheritdoc ITeeKeyRegistry
    function revokeMeasurement(uint32 measurementId) external {
        require(_mayRevoke(msg.sender), NotRevoker(msg.sender));
        _liveMeasurement(measurementId).revoked = true;
        emit MeasurementRevoked(measurementId, msg.sender);
    }

    /// @inheritdoc ITeeKeyRegistry
    function revokeKey(address key) external {
        TeeKey storage record = _keys[key];
        bool may = _mayRevoke(msg.sender) || _isProvider(msg.sender, record.providerId);
        require(may, NotRevoker(msg.sender));
        require(!record.revoked, RevokedKey(key));
        record.revoked = true;
        emit KeyRevoked(key, msg.sender);
    }

    /// @inheritdoc ITeeKeyRegistry
    function attestKey(uint32 providerId, uint32 measurementId, bytes calldata evidence)
        external
        returns (address key)
    {
        bool isProvider = _isProvider(msg.sender, providerId);
        require(isProvider, IProviderRegistry.NotProvider(providerId, msg.sender));
        Measurement storage allowed = _liveMeasurement(measurementId);
        bytes32 measurement;
        bytes32 nonce;
        uint40 expiresAt;
        (key, measurement, expiresAt, nonce) = allowed.verifier.verify(evidence);
        require(measurement == allowed.digest, WrongMeasurement(measurement, allowed.digest));
        bytes32 challenge = challengeOf(providerId);
        require(nonce == challenge, WrongNonce(nonce, challenge));
        _requireExpiry(expiresAt);
        _requireAttestable(key, providerId, measurementId);
        ++_attestations[providerId];
        _keys[key] = TeeKey(providerId, measurementId, expiresAt, false);
        emit KeyAttested(key, providerId, measurementId, expiresAt);
    }

    /// @inheritdoc ITeeKeyRegistry
    function challengeOf(uint32 providerId) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), providerId, _attestations[providerId]));
    }

    /// @inheritdoc ITeeKeyRegistry
    function isLive(address key, uint32 providerId, uint32 measurementId) external view returns (bool) {
        TeeKey memory record = _keys[key];
        // An unknown key has expired at zero.
        return record.providerId == providerId && record.measurementId == measurementId && !record.revoked
            && block.timestamp <= record.expiresAt && !_measurements[measurementId].revoked;
    }

    /// @inheritdoc ITeeKeyRegistry
    function keyOf(address key) external view returns (TeeKey memory) {
        return _keys[key];
    }

    /// @inheritdoc ITeeKeyRegistry
    function measurementOf(uint32 measurementId) external view returns (Measurement memory) {
        return _measurements[measurementId];
    }

    function _setRevoker(address revoker_) private {
        revoker = revoker_;
        emit RevokerSet(revoker_);
    }

    function _mayRevoke(address caller) private view returns (bool) {
        return caller == owner() || caller == revoker;
    }

    /// @dev Id zero is what both lookups answer for strangers.
    function _isProvider(address caller, uint32 providerId) private view returns (bool) {
        if (providerId == 0) return false;
        return providers.providerIdOf(caller) == providerId || providers.providerIdByKey(caller) == providerId;
    }

    function _liveMeasurement(uint32 measurementId) private view returns (Measurement storage measurement) {
        measurement = _measurements[measurementId];
        require(measurement.digest != 0, MeasurementUnknown(measurementId));
        require(!measurement.revoked, RevokedMeasurement(measurementId));
    }

    function _requireExpiry(uint40 expiresAt) private view {
        uint40 min = uint40(block.timestamp);
        uint40 max = min + maxTtlSeconds;
        require(expiresAt >= min && expiresAt <= max, ExpiryOutOfBounds(expiresAt, min, max));
    }

    function _requireAttestable(address key, uint32 providerId, uint32 measurementId) private view {
        require(key != address(0), ZeroEnclaveKey());
        TeeKey memory record = _keys[key];
        require(!record.revoked, RevokedKey(key));
        bool same = record.providerId == providerId && record.measurementId == measurementId;
        require(
            same || record.providerId == 0,
            KeyAttestedOtherwise(key, record.providerId, record.measurementId)
        );
    }
}
