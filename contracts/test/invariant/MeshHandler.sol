// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {JobMode} from "../../src/types/JobMode.sol";
import {JobStatus} from "../../src/types/JobWord.sol";
import {KeyRotation} from "../../src/types/KeyRotation.sol";
import {Order} from "../../src/types/Order.sol";
import {AttackWallet} from "../harness/AttackWallet.sol";
import {HashHarness} from "../harness/HashHarness.sol";
import {FickleVerifier} from "./FickleVerifier.sol";
import {MeshActors} from "./MeshActors.sol";
import {MoneyWatch} from "./MoneyWatch.sol";
import {vm} from "./Vm.sol";

/// @notice Random calls of all actors. Every function stays legal or is allowed to be refused, so a revert of the
///         handler itself is a failure of the test.
abstract contract MeshHandler is MoneyWatch {
    constructor(
        DuckToken token_,
        IDuckMesh mesh_,
        HashHarness hasher,
        AttackWallet wallet_,
        FickleVerifier verifier_
    ) MeshActors(token_, mesh_, hasher, wallet_, verifier_) {}

    /// @notice Funds the requesters and registers the providers.
    function start() external {
        if (_starter != address(0)) return;
        _starter = msg.sender;
        for (uint256 i = 0; i < REQUESTERS; ++i) {
            _fund(requester(i), 100_000 ether);
        }
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            _fund(owner(id), 3_000 ether);
            address key = vm.addr(_signingKey(id));
            vm.prank(owner(id));
            mesh.registerProvider(key, bytes32(0), "", 2_000 ether);
            require(this.ownerInWord(id) == owner(id), "the records lie elsewhere");
        }
    }

    function warp(uint32 secondsForward) external {
        vm.warp(block.timestamp + secondsForward % 120);
    }

    function deposit(uint256 who, uint96 amountWei) external watched {
        address account = requester(who % REQUESTERS);
        uint256 have = token.balanceOf(account);
        if (have == 0) return;
        vm.prank(account);
        mesh.deposit(uint96(1 + amountWei % have));
        _count("deposit");
    }

    function withdraw(uint256 who, uint96 amountWei) external watched {
        address account = who % 2 == 0 ? requester(who % REQUESTERS) : owner(_idOf(who));
        uint96 have = mesh.accountOf(account);
        if (have == 0) return;
        vm.prank(account);
        mesh.withdraw(1 + amountWei % have, account);
        _count("withdraw");
    }

    function stake(uint256 who, uint96 amountWei) external watched {
        uint32 id = _idOf(who);
        uint96 have = mesh.accountOf(owner(id));
        if (have == 0) return;
        vm.prank(owner(id));
        mesh.stake(id, 1 + amountWei % have);
        _count("stake");
    }

    function startUnstake(uint256 who, uint96 amountWei) external watched {
        uint32 id = _idOf(who);
        uint96 unlocked = mesh.providerOf(id).stakedWei - mesh.providerOf(id).lockedWei;
        // A tenth at most, so that enough providers stay active for jobs to happen.
        if (unlocked < 10) return;
        vm.prank(owner(id));
        mesh.startUnstake(id, 1 + amountWei % (unlocked / 10));
        _count("startUnstake");
    }

    function endUnstake(uint256 who, bool cancels) external watched {
        uint32 id = _idOf(who);
        if (mesh.providerOf(id).unstakingWei == 0) return;
        if (!cancels && block.timestamp < mesh.providerOf(id).unstakeAt) return;
        vm.prank(owner(id));
        if (cancels) mesh.cancelUnstake(id);
        else mesh.finishUnstake(id, owner(id));
        _count(cancels ? bytes32("cancelUnstake") : bytes32("finishUnstake"));
    }

    /// @notice Mostly of the last provider, whose key is burnt now and then.
    function rotateKey(uint256 who) external watched {
        uint32 id = who % 4 == 0 ? _idOf(who >> 8) : PROVIDERS;
        uint16 keyEpoch = mesh.providerOf(id).keyEpoch + 1;
        address newKey = vm.addr(_keyAt(id, keyEpoch));
        bytes memory proof = _sign(_keyAt(id, keyEpoch), KeyRotation(id, newKey, keyEpoch).hashStruct());
        vm.prank(owner(id));
        mesh.rotateKey(id, newKey, proof);
        _count("rotateKey");
    }

    function invalidateNonce(uint64 ahead) external watched {
        uint64 nonce = _nonce + 1 + ahead % 600;
        vm.prank(requester(0));
        mesh.invalidateNonces(nonce >> 8, 1 << (nonce & 0xff));
        invalidated.push(nonce);
        _count("invalidateNonces");
    }

    function post(uint256 who, uint96 priceWei, uint96 bondWei) external watched {
        // Half of them are checked by a verifier.
        uint8[4] memory modes = [JobMode.SIGNED, JobMode.SIGNED, JobMode.REFERENCE, JobMode.PROOF];
        Order memory order = _newOrder(who, priceWei, bondWei, modes[priceWei % 4]);
        vm.prank(order.requester);
        try mesh.postJob(order) {
            _observe(_track(order));
            _count("postJob");
        } catch {}
    }

    function accept(uint256 which, uint256 who) external watched {
        if (_jobs.length == 0) return;
        Tracked storage tracked = _find(which, JobStatus.OPEN);
        uint32 id = _idOf(who);
        vm.prank(vm.addr(_signingKey(id)));
        try mesh.acceptJob(tracked.order, id) {
            _count("acceptJob");
        } catch {}
        _observe(tracked);
    }

    function submit(uint256 which, uint8 output) external watched {
        if (_jobs.length == 0) return;
        Tracked storage tracked = _find(which, JobStatus.ACTIVE);
        vm.prank(owner(mesh.jobOf(tracked.jobId).providerId));
        try mesh.submitResult(tracked.jobId, _output(output)) {
            _count("submitResult");
        } catch {}
        _observe(tracked);
    }

    function dispute(uint256 which, uint8 output, uint256 who) external watched {
        if (_jobs.length == 0) return;
        Tracked storage tracked = _find(which, JobStatus.SUBMITTED);
        vm.prank(requester(who % REQUESTERS));
        try mesh.disputeJob(tracked.order, _output(output)) {
            _count("disputeJob");
        } catch {}
        _observe(tracked);
    }

    function close(uint256 which) external watched {
        if (_jobs.length == 0) return;
        _poke(_at(which));
    }

    function cancel(uint256 which) external watched {
        if (_jobs.length == 0) return;
        Tracked storage tracked = _at(which);
        vm.prank(tracked.order.requester);
        try mesh.cancelJob(tracked.order) {
            _count("cancelJob");
        } catch {}
        _observe(tracked);
    }

    /// @notice Anchors a new redundant job, or the next round of an open one.
    function anchor(uint256 which, uint256 draw, uint24 outputs, uint96 priceWei, uint96 bondWei) external watched {
        Tracked storage tracked = _seatable(which, priceWei, bondWei);
        _draw(tracked, draw, outputs);
        bytes memory orderSig = _signOrder(tracked);
        bytes memory assignmentSig = _signAssignment(tracked);
        bytes memory seatSigs = _signSeats(tracked);
        try mesh.anchorSeats(
            tracked.order, orderSig, tracked.assignment, assignmentSig, tracked.commitments, seatSigs
        ) {
            _count("anchorSeats");
        } catch {}
        _observe(tracked);
    }

    /// @notice Begins or continues a round seat by seat.
    function commitSeat(uint256 which, uint256 draw, uint24 outputs, uint256 seat, uint96 bondWei) external watched {
        Tracked storage tracked = _seatable(which, bondWei, bondWei);
        if (mesh.jobOf(tracked.jobId).status != JobStatus.COMMITTING) _draw(tracked, draw, outputs);
        seat %= SEATS;
        bytes memory orderSig = _signOrder(tracked);
        bytes memory assignmentSig = _signAssignment(tracked);
        bytes memory seatSig = _signSeat(tracked, seat);
        uint32 id = tracked.ids[seat];
        vm.prank(owner(id));
        try mesh.commitSeat(
            tracked.order, orderSig, tracked.assignment, assignmentSig, id, tracked.commitments[seat], seatSig
        ) {
            _count("commitSeat");
        } catch {}
        _observe(tracked);
    }

    function openSeat(uint256 which, uint256 seat) external watched {
        if (_jobs.length == 0) return;
        Tracked storage tracked = _find(which, JobStatus.ANCHORED);
        if (mesh.jobOf(tracked.jobId).status != JobStatus.ANCHORED) return;
        seat %= SEATS;
        bytes32 salt = _saltOf(tracked, seat);
        bytes32 output = tracked.outputs[seat];
        try mesh.openSeat(tracked.order, tracked.ids, tracked.commitments, seat, output, salt) {
            _count("openSeat");
        } catch {}
    }

    function open(uint256 which, uint8 givenMask) external watched {
        if (_jobs.length == 0) return;
        _open(_find(which, JobStatus.ANCHORED), givenMask);
    }

    /// @dev Takes out what lies where no job is.
    function _drainLanes() internal virtual;

    /// @notice After all deadlines, closes every job by permissionless calls; everybody but the treasury takes everything
    ///         out. For the test contract only, which is no sender of the campaign.
    function drain() external {
        if (msg.sender != _starter) return;
        // Kept here, since the optimizer reads block.timestamp once per call.
        uint256 nowAt = block.timestamp;
        for (uint256 round = 0; round < 4; ++round) {
            nowAt += 1 days;
            vm.warp(nowAt);
            for (uint256 i = 0; i < _jobs.length; ++i) {
                _poke(_jobs[i]);
                if (mesh.jobOf(_jobs[i].jobId).status == JobStatus.ANCHORED) _open(_jobs[i], 0);
            }
        }
        _drainLanes();
        nowAt += 1 days;
        vm.warp(nowAt);
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            uint96 staked = mesh.providerOf(id).stakedWei;
            if (staked != 0) {
                vm.prank(owner(id));
                mesh.startUnstake(id, staked);
            }
        }
        vm.warp(nowAt + 2 days);
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            if (mesh.providerOf(id).unstakingWei != 0) {
                vm.prank(owner(id));
                mesh.finishUnstake(id, owner(id));
            }
            _withdrawAll(owner(id));
        }
        for (uint256 i = 0; i < REQUESTERS; ++i) {
            _withdrawAll(requester(i));
        }
    }
}
