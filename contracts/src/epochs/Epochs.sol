// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochCoordinators} from "../interfaces/IEpochCoordinators.sol";
import {IEpochs} from "../interfaces/IEpochs.sol";
import {IRedemption} from "../interfaces/IRedemption.sol";
import {PackedTotals} from "../libraries/PackedTotals.sol";
import {Shares} from "../libraries/Shares.sol";
import {EpochHeader, Side} from "../types/EpochHeader.sol";
import {EpochLedger} from "./EpochLedger.sol";

/// @title Epochs
/// @notice Posting, applying and refunding. The money of an epoch leaves the purses when it is posted, so it can neither
///         be short nor be spent twice while it is tried.
abstract contract Epochs is IEpochs, EpochLedger {
    using PackedTotals for bytes;

    /// @inheritdoc IEpochs
    function postEpoch(
        uint32 coordinatorId,
        uint32 serial,
        uint32 jobs,
        bytes32 debitsRoot,
        bytes32 creditsRoot,
        bytes calldata debits,
        bytes calldata credits
    ) external nonReentrant returns (bytes32 epochId) {
        _enterSerial(coordinatorId, serial);
        uint256 totalWei = debits.sumOf();
        uint256 creditsWei = credits.sumOf();
        require(creditsWei == totalWei, SidesDiffer(totalWei, creditsWei));
        _purseBalances[coordinatorId].takeAll(debits);
        EpochHeader memory header = EpochHeader({
            coordinatorId: coordinatorId,
            serial: serial,
            jobs: jobs,
            feeBps: _feeBps(),
            postedAt: uint40(block.timestamp),
            totalWei: uint96(totalWei), // was in purses, so it is below the supply
            bondWei: _stakeBond(coordinatorId, totalWei),
            debitsRoot: debitsRoot,
            creditsRoot: creditsRoot,
            debitsHash: keccak256(debits),
            creditsHash: keccak256(credits)
        });
        require(header.feeBps <= Shares.BPS, BadFee(header.feeBps));
        epochId = header.id();
        require(_epochs[epochId].status == Status.NONE, EpochExists(epochId));
        _epochs[epochId] = Epoch(Status.POSTED, uint40(block.timestamp) + challengeWindowSeconds, 0, 0);
        emit EpochPosted(epochId, coordinatorId, header, debits, credits);
    }

    /// @inheritdoc IEpochs
    function applyTotals(EpochHeader calldata header, bytes calldata credits, uint32 maxItems) external nonReentrant {
        bytes32 epochId = header.id();
        Epoch memory epoch = _epochs[epochId];
        if (epoch.status == Status.POSTED) {
            _requireAfter(epoch.provableUntil);
            require(epoch.openChallenges == 0, ChallengesOpen(epochId, epoch.openChallenges));
        } else {
            require(epoch.status == Status.APPLYING, BadEpochStatus(epochId, epoch.status));
        }
        _requireTotals(header, Side.CREDITS, credits);
        (uint32 toItem, bool last) = _chunk(epoch.cursor, credits, maxItems);
        uint96 chunkFeesWei = uint96(_earnings.addAll(credits, epoch.cursor, toItem, header.feeBps));
        epoch.cursor = toItem;
        epoch.status = last ? Status.APPLIED : Status.APPLYING;
        _epochs[epochId] = epoch;
        IEpochCoordinators.Coordinator storage coordinator = _coordinators[header.coordinatorId];
        coordinator.feesWei += chunkFeesWei;
        if (last) coordinator.freeBondWei += header.bondWei;
        emit TotalsApplied(epochId, header.coordinatorId, toItem, chunkFeesWei, last);
    }

    /// @inheritdoc IEpochs
    function refundDebits(EpochHeader calldata header, bytes calldata debits, uint32 maxItems) external nonReentrant {
        bytes32 epochId = header.id();
        Epoch storage epoch = _epochs[epochId];
        require(epoch.status == Status.REVERTED, BadEpochStatus(epochId, epoch.status));
        _requireTotals(header, Side.DEBITS, debits);
        (uint32 toItem, bool last) = _chunk(epoch.cursor, debits, maxItems);
        _purseBalances[header.coordinatorId].addAll(debits, epoch.cursor, toItem, 0);
        epoch.cursor = toItem;
        if (last) epoch.status = Status.REFUNDED;
        emit DebitsRefunded(epochId, toItem);
    }

    /// @inheritdoc IEpochs
    function epochOf(bytes32 epochId) external view returns (Epoch memory) {
        return _epochs[epochId];
    }

    /// @dev The key may post the next serial, and one whose epoch was reverted. A serial never has two epochs that pay.
    function _enterSerial(uint32 coordinatorId, uint32 serial) private {
        IEpochCoordinators.Coordinator storage coordinator = _coordinators[coordinatorId];
        require(msg.sender == coordinator.key, NotAllowed(coordinator.key, msg.sender));
        uint32 nextSerial = coordinator.nextSerial;
        if (serial == nextSerial) {
            coordinator.nextSerial = nextSerial + 1;
        } else {
            bool reopened = _serials[coordinatorId][serial].status == IRedemption.SerialStatus.REOPENED;
            require(reopened, BadSerial(coordinatorId, serial, nextSerial));
            delete _serials[coordinatorId][serial];
        }
        coordinator.presentAt = uint40(block.timestamp);
    }

    /// @dev What a wrong epoch could take decides what it costs.
    function _stakeBond(uint32 coordinatorId, uint256 totalWei) private returns (uint96 bondWei) {
        uint256 shareWei = (totalWei * bondBps) / Shares.BPS;
        // At most five times the supply, which fits 96 bits.
        bondWei = shareWei > minEpochBondWei ? uint96(shareWei) : minEpochBondWei;
        uint96 freeWei = _coordinators[coordinatorId].freeBondWei;
        require(freeWei >= bondWei, IEpochCoordinators.InsufficientBond(coordinatorId, freeWei, bondWei));
        _coordinators[coordinatorId].freeBondWei = freeWei - bondWei;
    }

    function _chunk(uint32 cursor, bytes calldata list, uint32 maxItems)
        private
        pure
        returns (uint32 toItem, bool last)
    {
        require(maxItems != 0, ZeroAmount());
        uint256 items = list.count();
        uint256 end = uint256(cursor) + maxItems;
        last = end >= items;
        toItem = uint32(last ? items : end);
    }
}
