// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";
import {IMeshParams} from "../interfaces/IMeshParams.sol";
import {ISyncTerms} from "../interfaces/ISyncTerms.sol";
import {Terms} from "../types/Terms.sol";

/// @title MeshParams
/// @notice All that governance can say to the meshes, and the only contract through which it says it.
/// @dev The owner cannot be changed: a new governor is a new proposer of the same timelock.
contract MeshParams is IMeshParams {
    /// @inheritdoc IMeshParams
    uint256 public constant MAX_VERSIONS = 64;
    /// @inheritdoc IMeshParams
    uint32 public constant MAX_FREEZE_SECONDS = 14 days;
    /// @inheritdoc IMeshParams
    uint32 public constant FREEZE_REST_SECONDS = 30 days;
    /// @inheritdoc IMeshParams
    uint256 public constant SYNC_GAS = 400_000;

    /// @inheritdoc IMeshParams
    address public immutable owner;
    /// @inheritdoc IMeshParams
    uint32 public immutable noticeSeconds;

    // Slot 0: guardian | last second of the last freeze.
    /// @inheritdoc IMeshParams
    address public guardian;
    uint40 private _frozenUntil;
    // Both by version and as long, appended only. Apart, since six times fit in the word that `current` looks through.
    Terms[] private _terms;
    uint40[] private _effectiveAt;

    modifier onlyOwner() {
        require(msg.sender == owner, NotParamsOwner(msg.sender));
        _;
    }

    /// @param owner_ the timelock
    /// @param guardian_ may freeze; zero for none
    /// @param noticeSeconds_ 2 .. 30 days
    /// @param first version 0, in effect at once
    constructor(address owner_, address guardian_, uint32 noticeSeconds_, Terms memory first) {
        require(owner_ != address(0), ILedger.OutOfBounds("owner", 0));
        require(
            noticeSeconds_ >= 2 days && noticeSeconds_ <= 30 days,
            ILedger.OutOfBounds("noticeSeconds", noticeSeconds_)
        );
        owner = owner_;
        noticeSeconds = noticeSeconds_;
        _setGuardian(guardian_);
        _append(first, uint40(block.timestamp));
    }

    /// @inheritdoc IMeshParams
    function publish(Terms calldata terms) external onlyOwner returns (uint8 version) {
        // The notice is the same for all versions, so their times never run backwards.
        return _append(terms, uint40(block.timestamp) + noticeSeconds);
    }

    /// @inheritdoc IMeshParams
    function freeze(uint32 seconds_, ISyncTerms[] calldata meshes) external {
        require(msg.sender == guardian, NotGuardian(msg.sender));
        require(seconds_ != 0 && seconds_ <= MAX_FREEZE_SECONDS, BadFreeze(seconds_, MAX_FREEZE_SECONDS));
        uint40 last = _frozenUntil;
        uint40 restUntil = last == 0 ? 0 : last + FREEZE_REST_SECONDS;
        require(block.timestamp > restUntil, FreezeTooEarly(restUntil));
        uint40 until = uint40(block.timestamp) + seconds_ - 1;
        _frozenUntil = until;
        emit Frozen(msg.sender, until);
        for (uint256 i = 0; i < meshes.length; ++i) {
            _sync(meshes[i]);
        }
    }

    /// @inheritdoc IMeshParams
    function unfreeze() external onlyOwner {
        require(block.timestamp <= _frozenUntil, NotFrozen());
        _frozenUntil = uint40(block.timestamp) - 1;
        emit Unfrozen();
    }

    /// @inheritdoc IMeshParams
    function setGuardian(address guardian_) external onlyOwner {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IMeshParams
    function current()
        external
        view
        returns (uint8 version, Terms memory terms, uint40 effectiveAt, uint40 frozenUntil)
    {
        uint256 index = _terms.length - 1;
        // Version 0 is in effect since its deployment, so this ends.
        while (_effectiveAt[index] > block.timestamp) --index;
        return (uint8(index), _terms[index], _effectiveAt[index], _frozenUntil);
    }

    /// @inheritdoc IMeshParams
    function termsOf(uint8 version) external view returns (Terms memory terms, uint40 effectiveAt) {
        require(version < _terms.length, UnknownTerms(version, _terms.length));
        return (_terms[version], _effectiveAt[version]);
    }

    /// @inheritdoc IMeshParams
    function versionCount() external view returns (uint256) {
        return _terms.length;
    }

    function _append(Terms memory terms, uint40 effectiveAt) private returns (uint8 version) {
        terms.requireInBounds();
        uint256 count = _terms.length;
        require(count < MAX_VERSIONS, TooManyVersions(MAX_VERSIONS));
        _terms.push(terms);
        _effectiveAt.push(effectiveAt);
        version = uint8(count);
        emit TermsPublished(version, terms, effectiveAt);
    }

    function _setGuardian(address guardian_) private {
        emit GuardianChanged(guardian, guardian_);
        guardian = guardian_;
    }

    /// @dev Called after all effects. Whatever the mesh does with the gas it gets, the freeze stands.
    function _sync(ISyncTerms mesh) private {
        // A call to an address without code would revert here and not in the try.
        if (address(mesh).code.length != 0) {
            // A call keeps 1/64 of the gas back. Without this, a gas estimate could settle where syncs fail quietly.
            uint256 needGas = SYNC_GAS + SYNC_GAS / 32;
            require(gasleft() >= needGas, NotEnoughGasToSync(gasleft(), needGas));
            try mesh.syncTerms{gas: SYNC_GAS}() {
                return;
            } catch {}
        }
        emit SyncFailed(address(mesh));
    }
}
