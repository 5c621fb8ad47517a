// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochHeader} from "../types/EpochHeader.sol";

/// @title IEpochs
/// @notice Life of an epoch: posted, then applied; or reverted, then refunded.
interface IEpochs {
    /// @notice Where an epoch stands.
    enum Status {
        NONE, // never posted
        POSTED, // purses are debited, challenges and proofs are possible
        APPLYING, // some providers are credited
        APPLIED, // all providers are credited; final
        REVERTED, // proven wrong, some purses wait for their money
        REFUNDED // all purses have their money back; final
    }

    /// @notice What can change about an epoch.
    struct Epoch {
        Status status;
        uint40 provableUntil; // last second before it can be applied; a late answer moves it
        uint32 openChallenges; // not answered yet
        uint32 cursor; // totals that were credited or refunded so far
    }

    /// @notice An epoch was posted. The totals of both sides are here; the leaves are what the coordinator publishes.
    /// @param debits packed totals of the purses
    /// @param credits packed totals of the providers, gross
    event EpochPosted(
        bytes32 indexed epochId, uint32 indexed coordinatorId, EpochHeader header, bytes debits, bytes credits
    );
    /// @param items totals credited so far
    /// @param feesWei fees of this call
    /// @param last true when all are credited, and the bond is free again
    event TotalsApplied(
        bytes32 indexed epochId, uint32 indexed coordinatorId, uint32 items, uint96 feesWei, bool last
    );
    /// @notice The bond of an epoch was lost: bond = toReporter + burned, and burned is at least half.
    event EpochReverted(
        bytes32 indexed epochId, uint32 indexed coordinatorId, address indexed reporter, uint96 toReporter, uint96 burned
    );
    /// @param items totals refunded so far
    event DebitsRefunded(bytes32 indexed epochId, uint32 items);

    /// @notice The epoch is in another state.
    error BadEpochStatus(bytes32 epochId, Status have);
    /// @notice This header was posted before.
    error EpochExists(bytes32 epochId);
    /// @notice The serial is neither the next one nor that of a reverted epoch.
    error BadSerial(uint32 coordinatorId, uint32 serial, uint32 nextSerial);
    /// @notice The two sides have different sums.
    error SidesDiffer(uint256 debitsWei, uint256 creditsWei);
    /// @notice The mesh names a fee above 100 %.
    error BadFee(uint16 feeBps);
    /// @notice This is not the list that was posted.
    error TotalsMismatch(bytes32 haveHash, bytes32 wantHash);
    /// @notice A challenge is not answered yet.
    error ChallengesOpen(bytes32 epochId, uint32 count);

    /// @notice Coordinator's key: posts an epoch. Takes every debit from its purse and puts a part of the bond at stake.
    /// @dev A purse that does not cover its debit makes the whole call fail, so no epoch is ever short of money.
    ///      Warning: publish the leaves. Whoever cannot see them challenges, and an unanswered challenge costs the bond.
    ///      Warning: that a provider exists is not checked. What a payer signed for an unused number waits for its owner.
    /// @param serial the next serial, or that of a reverted epoch
    /// @param jobs number of jobs, as a claim for readers
    /// @param debitsRoot sum tree of (purseId, providerId, amount)
    /// @param creditsRoot sum tree of the same leaves as (providerId, purseId, amount)
    /// @param debits totals by purse: purseId 4 | amountWei 12, ascending
    /// @param credits totals by provider: providerId 4 | amountWei 12, ascending, gross
    /// @return epochId hash of the header that the event shows
    function postEpoch(
        uint32 coordinatorId,
        uint32 serial,
        uint32 jobs,
        bytes32 debitsRoot,
        bytes32 creditsRoot,
        bytes calldata debits,
        bytes calldata credits
    ) external returns (bytes32 epochId);

    /// @notice Credits the next `maxItems` providers of an epoch whose time for challenges is over. Anybody may call.
    /// @param credits the whole list that was posted
    function applyTotals(EpochHeader calldata header, bytes calldata credits, uint32 maxItems) external;

    /// @notice Gives the next `maxItems` purses of a reverted epoch their money back. Anybody may call.
    /// @param debits the whole list that was posted
    function refundDebits(EpochHeader calldata header, bytes calldata debits, uint32 maxItems) external;

    /// @notice All zero for an unknown id.
    function epochOf(bytes32 epochId) external view returns (Epoch memory);
}
