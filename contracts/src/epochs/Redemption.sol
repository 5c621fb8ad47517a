// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochCoordinators} from "../interfaces/IEpochCoordinators.sol";
import {IEpochs} from "../interfaces/IEpochs.sol";
import {IRedemption} from "../interfaces/IRedemption.sol";
import {Shares} from "../libraries/Shares.sol";
import {EpochVoucher} from "../types/EpochVoucher.sol";
import {EpochLedger} from "./EpochLedger.sol";

/// @title Redemption
/// @notice The way to the money that needs no coordinator.
abstract contract Redemption is IRedemption, EpochLedger {
    // Of what one key signed for one provider in one serial. Keyed by the voucher's fields without its amount.
    mapping(bytes32 key => uint96) private _redeemedWei;

    /// @inheritdoc IRedemption
    function skipSerial(uint32 coordinatorId, uint32 serial) external nonReentrant {
        IEpochCoordinators.Coordinator storage coordinator = _coordinators[coordinatorId];
        require(coordinator.owner != address(0), IEpochCoordinators.NoCoordinator(coordinatorId));
        Serial storage record = _serials[coordinatorId][serial];
        if (serial == coordinator.nextSerial) {
            _requireAfter(uint256(coordinator.presentAt) + cadenceSeconds);
            coordinator.nextSerial = serial + 1;
            coordinator.presentAt = uint40(block.timestamp);
        } else {
            bool reopened = record.status == SerialStatus.REOPENED;
            require(reopened, IEpochs.BadSerial(coordinatorId, serial, coordinator.nextSerial));
            _requireAfter(uint256(record.since) + cadenceSeconds);
        }
        record.status = SerialStatus.SKIPPED;
        record.since = uint40(block.timestamp);
        emit SerialSkipped(coordinatorId, serial);
    }

    /// @inheritdoc IRedemption
    function redeem(EpochVoucher calldata voucher, bytes calldata voucherSig) external nonReentrant {
        (uint32 coordinatorId, uint32 serial) = (voucher.coordinatorId, voucher.serial);
        Serial memory record = _serials[coordinatorId][serial];
        require(record.status == SerialStatus.SKIPPED, NotSkipped(coordinatorId, serial));
        // A purse's key can sign for an old serial at any time; without an end it would be a way out with no delay.
        uint40 redeemBy = record.since + cadenceSeconds;
        require(block.timestamp <= redeemBy, Expired(redeemBy));
        bytes32 key = keccak256(abi.encode(coordinatorId, serial, voucher.purseId, voucher.providerId));
        uint96 redeemedWei = _redeemedWei[key];
        require(voucher.maxWei > redeemedWei, AlreadyRedeemed(redeemedWei, voucher.maxWei));
        _requireVoucher(voucher, voucherSig);
        uint96 amountWei = voucher.maxWei - redeemedWei;
        uint16 feeBps = _feeBps();
        require(feeBps <= Shares.BPS, IEpochs.BadFee(feeBps));
        uint96 feeWei = Shares.feeDown(amountWei, feeBps);
        _redeemedWei[key] = voucher.maxWei;
        _purseBalances[coordinatorId].take(voucher.purseId, amountWei);
        _earnings.add(voucher.providerId, amountWei - feeWei);
        _coordinators[coordinatorId].feesWei += feeWei;
        emit VoucherRedeemed(coordinatorId, voucher.purseId, voucher.providerId, serial, amountWei, feeWei);
    }

    /// @inheritdoc IRedemption
    function serialOf(uint32 coordinatorId, uint32 serial) external view returns (SerialStatus status, uint40 since) {
        Serial storage record = _serials[coordinatorId][serial];
        return (record.status, record.since);
    }
}
