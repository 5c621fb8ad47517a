// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TurnHandler} from "./TurnHandler.sol";

/// @notice Random calls of the handler in the proportions in which jobs get somewhere.
abstract contract RandomCalls {
    TurnHandler internal _handler;

    function _actRandomly(uint256 seed, uint256 steps) internal {
        for (uint256 step = 0; step < steps; ++step) {
            _act(uint256(keccak256(abi.encode(seed, step))));
        }
    }

    function _act(uint256 random) private {
        uint256 a = random >> 16;
        uint256 b = random >> 80;
        uint96 wei_ = uint96(random >> 144);
        uint256 action = random % 46;
        if (action == 0) _handler.deposit(a, wei_);
        else if (action == 1) _handler.withdraw(a, wei_ % 100 ether);
        else if (action == 2) _handler.stake(a, wei_);
        else if (action == 3) _handler.startUnstake(a, wei_);
        else if (action == 4) _handler.endUnstake(a, b % 2 == 0);
        else if (action == 5) _handler.invalidateNonce(uint64(a));
        else if (action <= 7) _handler.post(a, wei_, wei_);
        else if (action <= 9) _handler.accept(a, b);
        else if (action <= 11) _handler.submit(a, uint8(b));
        else if (action == 12) _handler.dispute(a, uint8(b), b);
        else if (action == 13) _handler.close(a);
        else if (action == 14) _handler.cancel(a);
        else if (action == 15) _handler.anchor(a, b, uint24(random >> 200), wei_, wei_);
        else if (action == 16) _handler.commitSeat(a, b, uint24(random >> 200), b, wei_);
        else if (action == 17) _handler.openSeat(a, b);
        else if (action == 18) _handler.open(a, uint8(b) | uint8(b >> 8));
        else if (action == 45) _handler.rotateKey(a);
        else if (action >= 40) _handler.warp(uint32(a));
        else if (action >= 28) _turn(action, a, b, wei_);
        else _actInLanes(action, a, b, wei_);
    }

    function _actInLanes(uint256 action, uint256 a, uint256 b, uint96 wei_) private {
        if (action <= 20) _handler.settle(a, b, wei_, wei_ % 100 ether, a % 5 == 0);
        else if (action == 21) _handler.settlePacked(a, b, wei_, b);
        else if (action == 22) _handler.openChannel(a, b, wei_, uint40(a));
        else if (action == 23) _handler.claim(a, wei_, b % 4 == 0);
        else if (action == 24) _handler.topUp(a, wei_);
        else if (action == 25) b % 2 == 0 ? _handler.startClose(a) : _handler.closeChannel(a);
        else if (action == 26) b % 2 == 0 ? _handler.refund(a, wei_) : _handler.collectFees(uint32(a));
        else _handler.equivocate(a, b);
    }

    function _turn(uint256 action, uint256 a, uint256 b, uint96 wei_) private {
        if (action <= 29) _handler.takeOver(a, b, uint32(b >> 32));
        else if (action == 30) _handler.submitProof(a, uint8(b), b & 0x100 == 0, b & 0x200 == 0);
        else if (action == 31) _handler.settleProof(a, wei_, b % 4 != 0, b & 0x200 == 0);
        else if (action == 32) _handler.settleAuction(a, wei_, [uint96(a), uint96(b), uint96(a >> 32)]);
        else if (action <= 34) _handler.settleSeats(a, b, wei_, wei_);
        else if (action == 35) _handler.publish(uint16(a), uint16(b));
        else if (action == 36) _handler.syncTerms(a);
        else if (action == 37) _handler.adoptTerms(a);
        else if (action == 38) _handler.setWallet(a);
        else if (b % 4 == 0) _handler.equivocateSeat(a, b >> 8);
        else if (b % 4 == 1) _handler.freeze(uint32(a));
        else _handler.setVerifier(b % 4 == 2);
    }

    /// @dev What moves money or decides about it, of every lane.
    function _everyCall() internal pure returns (bytes32[42] memory) {
        return [
            bytes32("deposit"),
            "withdraw",
            "stake",
            "startUnstake",
            "cancelUnstake",
            "finishUnstake",
            "rotateKey",
            "invalidateNonces",
            "postJob",
            "acceptJob",
            "submitResult",
            "submitProof",
            "finalizeJob",
            "cancelJob",
            "expireJob",
            "takeOverJob",
            "disputeJob",
            "anchorSeats",
            "commitSeat",
            "sealSeats",
            "openSeat",
            "openSeats",
            "settle",
            "batchItemSettled",
            "batchItemSkipped",
            "settleProof",
            "settleAuction",
            "settleSeats",
            "walletPays",
            "openChannel",
            "topUp",
            "claim",
            "startClose",
            "closeChannel",
            "refund",
            "collectFees",
            "publishTerms",
            "syncTerms",
            "adoptTerms",
            "freeze",
            "proveEquivocation",
            "proveSeatEquivocation"
        ];
    }
}
