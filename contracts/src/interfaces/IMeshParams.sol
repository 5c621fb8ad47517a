// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../types/Terms.sol";
import {ISyncTerms} from "./ISyncTerms.sol";

/// @title IMeshParams
/// @notice The terms of new work as an append-only list of versions, and a short brake on new work. Meshes pull; this
///         contract holds no tokens and no mesh takes orders from it.
/// @dev Terms outside their hard bounds are refused with {ILedger-OutOfBounds}, which names the field.
interface IMeshParams {
    /// @param effectiveAt first second in which {current} gives this version
    event TermsPublished(uint8 indexed version, Terms terms, uint40 effectiveAt);
    event GuardianChanged(address indexed previous, address indexed next);
    /// @param frozenUntil last second without new work
    event Frozen(address indexed guardian, uint40 frozenUntil);
    event Unfrozen();
    /// @notice `mesh` did not sync within {SYNC_GAS}; anybody may call its {ISyncTerms-syncTerms} later.
    event SyncFailed(address indexed mesh);

    /// @notice Only the owner may do this.
    error NotParamsOwner(address caller);
    /// @notice Only the guardian may do this.
    error NotGuardian(address caller);
    /// @notice All versions are used up: the newest terms stay for ever.
    error TooManyVersions(uint256 max);
    /// @notice No such version was published.
    error UnknownTerms(uint8 version, uint256 count);
    /// @notice A freeze lasts one second at least and `maxSeconds` at most.
    error BadFreeze(uint32 seconds_, uint32 maxSeconds);
    /// @notice The guardian may freeze after `until` only.
    error FreezeTooEarly(uint40 until);
    /// @notice New work is not frozen now.
    error NotFrozen();
    /// @notice The transaction has too little gas left to give a mesh {SYNC_GAS}.
    error NotEnoughGasToSync(uint256 have, uint256 need);

    /// @notice Appends a version, which takes effect {noticeSeconds} from now. Only the owner may call.
    /// @dev Nothing is ever edited or taken back. A mistake is followed by another version, which has to wait as long.
    /// @return version number of the new version
    function publish(Terms calldata terms) external returns (uint8 version);

    /// @notice Stops new work for `seconds_` from now, this second included. Only the guardian may call.
    /// @dev Warning: a mesh notices when it syncs, so name all meshes. One that fails to sync blocks nothing, but the
    ///      transaction must have enough gas left to give each of them {SYNC_GAS}.
    /// @param seconds_ at most {MAX_FREEZE_SECONDS}
    /// @param meshes are asked to sync in this call
    function freeze(uint32 seconds_, ISyncTerms[] calldata meshes) external;

    /// @notice Ends a freeze; this second is free again. Only the owner may call.
    /// @dev Warning: a mesh notices when it syncs, which anybody can make it do.
    function unfreeze() external;

    /// @notice Replaces the guardian; zero leaves none. Only the owner may call.
    /// @dev The rest between two freezes goes on: a new guardian cannot freeze sooner than the old one could.
    function setGuardian(address guardian_) external;

    /// @notice The newest version whose time has come, and the last second of the last freeze.
    /// @return version counts up from 0
    /// @return terms of that version
    /// @return effectiveAt first second of these terms
    /// @return frozenUntil last second without new work; in the past or zero when nothing is frozen
    function current()
        external
        view
        returns (uint8 version, Terms memory terms, uint40 effectiveAt, uint40 frozenUntil);

    /// @notice A version, also one whose time has not come. It never changes.
    /// @return terms of that version
    /// @return effectiveAt first second of these terms
    function termsOf(uint8 version) external view returns (Terms memory terms, uint40 effectiveAt);

    /// @notice Versions 0 .. versionCount - 1 exist.
    function versionCount() external view returns (uint256);

    /// @notice May publish, unfreeze and replace the guardian. Fixed for ever; meant to be a timelock.
    function owner() external view returns (address);
    /// @notice May freeze; zero when there is none.
    function guardian() external view returns (address);
    /// @notice Seconds between publishing a version and its first second, 2 .. 30 days.
    function noticeSeconds() external view returns (uint32);
    /// @notice Number of versions that can ever exist, the first one included.
    function MAX_VERSIONS() external view returns (uint256);
    /// @notice Longest freeze.
    function MAX_FREEZE_SECONDS() external view returns (uint32);
    /// @notice Shortest time between the end of a freeze and the start of the next.
    function FREEZE_REST_SECONDS() external view returns (uint32);
    /// @notice Gas that each mesh may use to sync when a freeze starts.
    function SYNC_GAS() external view returns (uint256);
}
