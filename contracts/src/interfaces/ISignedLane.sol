// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";
import {Receipt} from "../types/Receipt.sol";

/// @title ISignedLane
/// @notice Jobs of mode signed that ran off chain: the requester's order and the provider's receipt pay the provider at
///         once. Nothing is escrowed and no bond is locked, so each side trusts the other with one job.
/// @dev Warning for providers: until it is settled, the requester can spend its balance elsewhere or void the nonce.
///      Warning for requesters: whoever names a provider (or any, with zero) lets it take up to the price. To be sure
///      on both sides, use the on-chain lane, the redundant mode or a channel.
interface ISignedLane {
    /// @param amountWei gross: the provider's fee is taken later, see IMeshTerms
    event JobSettled(
        bytes32 indexed jobId, uint32 indexed providerId, uint96 amountWei, bytes32 outputHash
    );
    /// @notice A packed batch was settled. The arrays have one entry per item, also for those that failed.
    /// @param itemsHash keccak256 of the packed items, output hashes among them
    /// @param failedMask bit i is set when item i failed
    /// @param amountsWei gross; what failed moved nothing
    event BatchSettled(
        uint32 indexed providerId,
        bytes32 itemsHash,
        uint256 failedMask,
        uint96 earnedWei,
        bytes32[] jobIds,
        uint96[] amountsWei
    );

    /// @notice The receipt is for another job.
    error WrongReceipt(bytes32 have, bytes32 want);
    /// @notice The receipt is that of a seat, which is paid by its round.
    error SeatReceipt(bytes32 assignmentHash);
    /// @notice The receipt asks for more than the order allows.
    error AmountTooHigh(uint96 haveWei, uint96 maxWei);
    /// @notice The parts of a packed batch do not fit its length, or it holds more than 256 items.
    error BadBatch(uint256 bytes_);
    /// @notice A payer of a packed batch is not above the one before it.
    error PayersNotAscending(address payer);

    /// @notice Pays receipt.amountWei, at most the price, up to the second acceptBy + execWindow. Anybody may bring the
    ///         signatures.
    /// @param orderSig requester's signature (ECDSA or ERC-1271)
    /// @param receiptSig signature of the provider's signing key; the provider must be active
    function settle(
        Order calldata order,
        bytes calldata orderSig,
        Receipt calldata receipt,
        bytes calldata receiptSig
    ) external;

    /// @notice Settles up to 256 orders of one provider. Called by its owner or signing key, which stands for the
    ///         receipts. An item that cannot be paid is skipped and blocks no other.
    /// @dev Layout in PackedBatch. Order signatures are ECDSA; a contract wallet's order goes through {settle}.
    /// @param header provider and number of parts
    /// @param items templates, then per payer its items
    /// @return failedMask bit i is set when item i was skipped; {IPackedPreview-previewPacked} says why
    function settlePacked(bytes32 header, bytes calldata items) external returns (uint256 failedMask);
}
