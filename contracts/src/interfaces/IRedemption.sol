// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochVoucher} from "../types/EpochVoucher.sol";

/// @title IRedemption
/// @notice What providers do when the coordinator is gone: its open serial is skipped, and vouchers of a skipped serial
///         are redeemed one by one. A serial is settled by an epoch or by redemption, never by both.
interface IRedemption {
    /// @notice What became of a serial, where that is not plain from the next serial.
    enum SerialStatus {
        PLAIN, // posted, or not reached yet
        REOPENED, // its epoch was reverted: to be posted again or skipped
        SKIPPED // no epoch will be posted for it any more
    }

    /// @notice Vouchers of this serial can be redeemed now, and no epoch can settle it.
    event SerialSkipped(uint32 indexed coordinatorId, uint32 indexed serial);
    /// @param amountWei gross, beyond what was redeemed of this purse, provider and serial before
    event VoucherRedeemed(
        uint32 indexed coordinatorId,
        uint32 indexed purseId,
        uint32 indexed providerId,
        uint32 serial,
        uint96 amountWei,
        uint96 feeWei
    );

    /// @notice The serial was not skipped.
    error NotSkipped(uint32 coordinatorId, uint32 serial);
    /// @notice That much of this purse, provider and serial was redeemed before.
    error AlreadyRedeemed(uint96 redeemedWei, uint96 maxWei);

    /// @notice Gives up on a serial that its coordinator did not post in time. Anybody may call.
    /// @param serial the next serial after one cadence without an epoch, or that of an epoch reverted a cadence ago
    function skipSerial(uint32 coordinatorId, uint32 serial) external;

    /// @notice Pays a voucher of a skipped serial from its purse, less the mesh's present fee, up to one cadence after the
    ///         skip. Anybody may call.
    /// @dev Without an end, a payer could sign for a serial that was skipped long ago and leave with no delay. All or
    ///      nothing. A larger voucher of the same purse, provider and serial pays the difference later.
    /// @param voucherSig 65-byte ECDSA signature of the purse's key
    function redeem(EpochVoucher calldata voucher, bytes calldata voucherSig) external;

    /// @notice Status of a serial, and the second at which it was reopened or skipped.
    function serialOf(uint32 coordinatorId, uint32 serial) external view returns (SerialStatus status, uint40 since);
}
