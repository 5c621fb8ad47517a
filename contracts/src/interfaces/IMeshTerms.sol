// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMeshParams} from "./IMeshParams.sol";
import {Terms} from "../types/Terms.sol";

/// @title IMeshTerms
/// @notice The terms that the mesh works under. Governance publishes them in {IMeshParams}; anybody brings them here.
///         They bind new jobs only: nothing that was entered before can be touched by them, and no exit can be frozen.
/// @dev A provider's fee is that of the version it works under. It agrees to a newer one when it likes; after twice the
///      longest life of a job anybody may move it, so every job is paid at the fee its provider knew when it took it.
interface IMeshTerms {
    /// @notice Newer terms or a freeze were read from {IMeshParams}.
    /// @param frozenUntil last second without new work; in the past when there is no freeze
    event TermsSynced(uint8 indexed version, Terms terms, uint40 frozenUntil);
    /// @notice What a provider earns from now on bears the fee of `version`.
    event TermsAdopted(uint32 indexed providerId, uint8 version);
    /// @notice Earnings were moved to the balance of their owner, their fee to the treasury.
    event FeesCollected(uint96 feesWei);

    /// @notice The guardian stopped new work up to this second.
    error Frozen(uint40 until);
    /// @notice The bond is below what the terms ask for.
    error BondTooLow(uint96 bondWei, uint96 minWei);
    /// @notice The provider works under the newest terms already.
    error TermsAdoptedAlready(uint32 providerId, uint8 version);

    /// @notice Reads terms and freeze from {IMeshParams}. Anybody may call.
    function syncTerms() external;

    /// @notice Moves a provider to the newest terms. Called by its owner or signing key, and by anybody once the terms
    ///         were in force for twice the longest life of a job.
    /// @dev That time counts from the first second of the newest terms, whenever they were brought here; terms that
    ///      follow start it anew.
    function adoptTerms(uint32 providerId) external;

    /// @notice Moves what these providers earned to their owners' balances and the fee to the treasury. Anybody may
    ///         call; without it, both happens when an owner first needs the money.
    function collectFees(uint32[] calldata providerIds) external;

    /// @notice The terms in force for new jobs.
    /// @return version counts up from 0
    /// @return terms_ cut to what this mesh allows
    /// @return frozenUntil last second without new work; in the past when there is no freeze
    function terms() external view returns (uint8 version, Terms memory terms_, uint40 frozenUntil);

    /// @notice Fee of a provider in 1/10,000, and the version of the terms that says so.
    function feeOf(uint32 providerId) external view returns (uint16 feeBps, uint8 version);

    /// @notice Fee on what the provider of `owner` earned and did not move yet; not a part of any balance.
    function feeDueOf(address owner) external view returns (uint96);

    /// @notice Ledger account that receives the fee.
    function treasury() external view returns (address);
}
