// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CreditNote} from "../types/CreditNote.sol";
import {EpochHeader, Side} from "../types/EpochHeader.sol";
import {LeafProof, NodeProof} from "../types/SumProof.sol";

/// @title IEpochProofs
/// @notice Proofs that a posted epoch is wrong. Each stands by itself and reverts the epoch at once; the caller is
///         rewarded from the bond. They are accepted until the epoch is applied.
/// @dev An epoch for which every challenge can be answered and none of these proofs exists is right: leaves tile both
///      totals, each leaf is on both sides once and under a voucher, and the posted totals are the sums of their leaves.
///      Warning: a proof can be copied from the mempool, and then the reward goes to the copier.
interface IEpochProofs {
    /// @notice The proof shows nothing wrong.
    error NothingWrong();
    /// @notice The note is for another coordinator or serial.
    error OtherEpoch(uint32 coordinatorId, uint32 serial);

    /// @notice A node's sum is not the sum of its children.
    function proveBadSum(EpochHeader calldata header, Side side, NodeProof calldata node) external;

    /// @notice Of two leaves, the one further left does not come first: out of order, or the same pair twice.
    /// @param left covers wei before those of `right`
    function proveBadOrder(EpochHeader calldata header, Side side, LeafProof calldata left, LeafProof calldata right)
        external;

    /// @notice A leaf lies outside the wei of its own account in the posted totals.
    /// @dev Totals and leaves are in the same order and have the same sum. So if all leaves lie inside, every total is
    ///      the sum of its leaves; and if one total is wrong, some leaf lies outside.
    /// @param totals the whole list of this side that was posted
    function proveBadTotals(EpochHeader calldata header, Side side, LeafProof calldata leaf, bytes calldata totals)
        external;

    /// @notice A provider is credited less than the coordinator signed that it would be.
    /// @param credits the whole list that was posted
    /// @param noteSig 65-byte ECDSA signature of the coordinator's key
    function proveUnderpaid(
        EpochHeader calldata header,
        bytes calldata credits,
        CreditNote calldata note,
        bytes calldata noteSig
    ) external;
}
