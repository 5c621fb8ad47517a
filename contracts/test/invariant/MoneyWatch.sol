// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChannelClaims} from "../../src/interfaces/IChannelClaims.sol";
import {IAuctionLane} from "../../src/interfaces/IAuctionLane.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {IJobTakeover} from "../../src/interfaces/IJobTakeover.sol";
import {IRedundantMode} from "../../src/interfaces/IRedundantMode.sol";
import {ISeatSettlement} from "../../src/interfaces/ISeatSettlement.sol";
import {ISignedLane} from "../../src/interfaces/ISignedLane.sol";
import {IVerifiedMode} from "../../src/interfaces/IVerifiedMode.sol";
import {MeshActors} from "./MeshActors.sol";
import {Vm, vm} from "./Vm.sol";

/// @notice Equations that hold over every single call. What providers earned is what the events say was paid, gross. What
///         the treasury got is the fee of what moved, each amount rounded down by the terms its provider adopted. What
///         ends a job gives away its price, once.
abstract contract MoneyWatch is MeshActors {
    /// @dev Slot of the provider records, and the word of the earnings in a record. `start` compares the owner in it.
    uint256 private constant RECORDS_SLOT = 4;
    uint256 private constant EARNED_WORD = 1;
    uint256 private constant GROSS_SHIFT = 166;
    uint8 private constant ROUND_DISPUTE = 2;
    /// @dev The only provider whose owner also pays, so that it may lose earnings and earn in one call.
    uint32 private constant PAYING_PROVIDER = 1;

    struct Sight {
        uint256 treasuryWei;
        uint256[] grossWei; // by provider id
        uint256[] feeWei; // of that, by the terms adopted
    }

    uint256 public feesWei;
    uint256 public watchedCalls;
    mapping(bytes32 jobId => bool) public closed;

    modifier watched() {
        Sight memory before = _begin();
        _;
        _end(before);
    }

    /// @notice Owner in the word that is read for the earnings.
    function ownerInWord(uint32 id) external view returns (address) {
        return address(uint160(_earnedWord(id)));
    }

    // Functions of their own, since a modifier is copied into everything it is on.
    function _begin() private returns (Sight memory) {
        ++watchedCalls;
        vm.recordLogs();
        return _look();
    }

    function _end(Sight memory before) private {
        _compare(before, _paidByEvents(vm.getRecordedLogs()));
    }

    function _look() private view returns (Sight memory sight) {
        sight.treasuryWei = mesh.accountOf(mesh.treasury());
        sight.grossWei = new uint256[](PROVIDERS + 1);
        sight.feeWei = new uint256[](PROVIDERS + 1);
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            (uint16 feeBps,) = mesh.feeOf(id);
            sight.grossWei[id] = _earnedWord(id) >> GROSS_SHIFT;
            sight.feeWei[id] = sight.grossWei[id] * feeBps / 10_000;
        }
    }

    function _compare(Sight memory before, uint256 paidWei) private {
        Sight memory now_ = _look();
        uint256 gotWei = now_.treasuryWei - before.treasuryWei;
        uint256 dueWei = 0;
        uint256 earnedWei = 0;
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            bool moved = now_.grossWei[id] < before.grossWei[id];
            if (moved) dueWei += before.feeWei[id];
            earnedWei += now_.grossWei[id] - (moved ? 0 : before.grossWei[id]);
        }
        if (gotWei != dueWei || earnedWei != paidWei) {
            // The earnings of who pays moved too, and were replaced by at least as much in the same call.
            uint256 grossWei = before.grossWei[PAYING_PROVIDER];
            require(now_.grossWei[PAYING_PROVIDER] >= grossWei, "fees or earnings differ");
            dueWei += before.feeWei[PAYING_PROVIDER];
            earnedWei += grossWei;
        }
        require(gotWei == dueWei, "the treasury got something else than the fees");
        require(earnedWei == paidWei, "earned is not what the events say");
        feesWei += gotWei;
    }

    /// @dev Gross sum of all payments that the events of one call tell of.
    function _paidByEvents(Vm.Log[] memory logs) private returns (uint256 paidWei) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(mesh)) paidWei += _paidBy(logs[i].topics, logs[i].data);
        }
    }

    function _paidBy(bytes32[] memory topics, bytes memory data) private returns (uint256) {
        bytes32 topic = topics[0];
        if (topic == IJobMarket.JobFinalized.selector) {
            (uint96 paidWei, uint96 refundedWei) = abi.decode(data, (uint96, uint96));
            _noteEnd(topics[1], uint256(paidWei) + refundedWei);
            return paidWei;
        }
        if (topic == IJobMarket.JobRefunded.selector || topic == IJobMarket.JobExpired.selector) {
            _noteEnd(topics[1], abi.decode(data, (uint96)));
            return 0;
        }
        if (topic == IJobTakeover.JobTakenOver.selector) return abi.decode(data, (uint96));
        if (topic == IRedundantMode.RedundantClosed.selector) return _judgesShare(topics[1], data);
        return _paidByLane(topic, data);
    }

    function _paidByLane(bytes32 topic, bytes memory data) private pure returns (uint256 wei_) {
        bool one = topic == ISignedLane.JobSettled.selector || topic == IAuctionLane.AuctionSettled.selector
            || topic == IVerifiedMode.ProofSettled.selector;
        if (one) {
            (wei_,) = abi.decode(data, (uint96, bytes32));
        } else if (topic == ISeatSettlement.SeatsSettled.selector) {
            (uint96 shareWei, uint32[] memory seats) = abi.decode(data, (uint96, uint32[]));
            wei_ = shareWei * seats.length;
        } else if (topic == ISignedLane.BatchSettled.selector) {
            (,, wei_,,) = abi.decode(data, (bytes32, uint256, uint96, bytes32[], uint96[]));
        } else if (topic == IChannelClaims.ClaimsPaid.selector) {
            (wei_,) = abi.decode(data, (uint96, uint256));
        }
    }

    /// @dev Judges who agree share half of the loser's bond, whoever that is.
    function _judgesShare(bytes32 jobId, bytes memory data) private view returns (uint256) {
        (uint8 round,, uint256 winnersMask) = abi.decode(data, (uint8, bytes32, uint256));
        if (round != ROUND_DISPUTE || winnersMask == 0) return 0;
        uint256 winners = 0;
        for (; winnersMask != 0; winnersMask >>= 1) {
            winners += winnersMask & 1;
        }
        return _tracked(jobId).order.bondWei / 2 / winners * winners;
    }

    function _noteEnd(bytes32 jobId, uint256 givenWei) private {
        require(!closed[jobId], "a job ended twice");
        require(givenWei == _tracked(jobId).order.priceWei, "a job gave away something else than its price");
        closed[jobId] = true;
    }

    function _earnedWord(uint32 id) private view returns (uint256) {
        uint256 record = uint256(keccak256(abi.encode(id, RECORDS_SLOT)));
        return uint256(vm.load(address(mesh), bytes32(record + EARNED_WORD)));
    }
}
