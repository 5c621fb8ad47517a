// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MeshParams} from "../../src/governance/MeshParams.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {ISyncTerms} from "../../src/interfaces/ISyncTerms.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {Assignment} from "../../src/types/Assignment.sol";
import {AuctionResultLib} from "../../src/types/AuctionResult.sol";
import {JobMode} from "../../src/types/JobMode.sol";
import {JobStatus} from "../../src/types/JobWord.sol";
import {Order} from "../../src/types/Order.sol";
import {SeatCommit, SeatCommitLib} from "../../src/types/SeatCommit.sol";
import {SeatReveal} from "../../src/types/SeatReveal.sol";
import {Terms} from "../../src/types/Terms.sol";
import {AttackWallet} from "../harness/AttackWallet.sol";
import {HashHarness} from "../harness/HashHarness.sol";
import {FickleVerifier} from "./FickleVerifier.sol";
import {LaneHandler} from "./LaneHandler.sol";
import {vm} from "./Vm.sol";

/// @notice Random calls of the rarer turns: takeovers, proofs, auctions, agreeing seats, and what governance does.
contract TurnHandler is LaneHandler {
    MeshParams private immutable _meshParams;

    constructor(
        DuckToken token_,
        IDuckMesh mesh_,
        MeshParams meshParams_,
        HashHarness hasher,
        AttackWallet wallet_,
        FickleVerifier verifier_
    ) LaneHandler(token_, mesh_, hasher, wallet_, verifier_) {
        _meshParams = meshParams_;
    }

    /// @notice Often just after the job was due, or a little too late for a takeover.
    function takeOver(uint256 which, uint256 who, uint32 lateBy) external watched {
        if (_jobs.length == 0) return;
        Tracked storage tracked = _find(which, JobStatus.ACTIVE);
        if (mesh.jobOf(tracked.jobId).status != JobStatus.ACTIVE) return;
        // The tag of a job in work ends with its last second.
        uint40 dueAt = uint40(mesh.jobOf(tracked.jobId).tag);
        if (lateBy % 2 == 0 && block.timestamp <= dueAt) vm.warp(dueAt + 1 + lateBy % 110);
        uint32 id = _idOf(who);
        vm.prank(owner(id));
        try mesh.takeOverJob(tracked.order, id) {
            _count("takeOverJob");
        } catch {
            // The record keeps what a refused call said before it was refused.
            vm.getRecordedLogs();
        }
        _observe(tracked);
    }

    function submitProof(uint256 which, uint8 output, bool says, bool enters) external watched {
        if (_jobs.length == 0) return;
        Tracked storage tracked = _find(which, which % 2 == 0 ? JobStatus.ACTIVE : JobStatus.SUBMITTED);
        verifier.prepare(says, enters);
        vm.prank(owner(mesh.jobOf(tracked.jobId).providerId));
        try mesh.submitProof(tracked.order, _output(output), "") {
            require(says, "paid without a proof");
            _count("submitProof");
        } catch {}
        _observe(tracked);
    }

    function settleProof(uint256 who, uint96 priceWei, bool says, bool enters) external watched {
        Order memory order = _newOrder(who, priceWei, 0, JobMode.PROOF);
        bytes memory signature = _signAs(order);
        uint32 id = _idOf(who >> 8);
        verifier.prepare(says, enters);
        vm.prank(owner(id));
        try mesh.settleProof(order, signature, id, bytes32(0), "") {
            require(says, "paid without a proof");
            _notePayment(order);
            _count("settleProof");
        } catch {}
    }

    function setVerifier(bool inService) external {
        verifier.setInService(inService);
    }

    function settleAuction(uint256 who, uint96 priceWei, uint96[3] calldata bidsWei) external watched {
        Order memory order = _newOrder(who, priceWei, 0, JobMode.AUCTION);
        uint32 first = uint32(who >> 8) % PROVIDERS;
        bytes memory bids;
        for (uint32 i = 0; i < 3; ++i) {
            bids = bytes.concat(bids, abi.encodePacked(_idOf(first + i), bidsWei[i] % 1_000 ether));
        }
        (uint256 best, uint256 second) = _twoLowest(bidsWei);
        uint32 winner = _idOf(first + best);
        bytes memory orderSig = _signAs(order);
        bytes memory resultSig = _sign(COORDINATOR_KEY, this.hashResult(mesh.jobIdOf(order), bids));
        uint96 before = mesh.accountOf(order.requester);
        vm.prank(owner(winner));
        try mesh.settleAuction(order, orderSig, bids, resultSig, bytes32(0)) {
            uint256 paidWei = bidsWei[second] % 1_000 ether;
            if (paidWei > order.priceWei) paidWei = order.priceWei;
            bool pays = order.requester != owner(winner);
            require(!pays || before - mesh.accountOf(order.requester) == paidWei, "not the second price");
            _notePayment(order);
            _count("settleAuction");
        } catch {}
    }

    function hashResult(bytes32 jobId, bytes calldata bids) external pure returns (bytes32) {
        return AuctionResultLib.hashStruct(jobId, bids);
    }

    /// @notice Now and then one seat's statement is about another output, and nobody may be paid.
    function settleSeats(uint256 who, uint256 draw, uint96 priceWei, uint96 bondWei) external watched {
        Order memory order = _newOrder(who, priceWei, bondWei, JobMode.REDUNDANT);
        Assignment memory assignment = _assignmentOf(order, draw);
        bool differs = draw & 0x700 == 0;
        bytes32[] memory salts = new bytes32[](SEATS);
        bytes memory reveals = _reveals(assignment, salts, differs);
        bytes memory orderSig = _signAs(order);
        bytes memory assignmentSig = _sign(COORDINATOR_KEY, _hashOf(assignment));
        try mesh.settleSeats(order, orderSig, assignment, assignmentSig, _output(1), salts, reveals) {
            require(!differs, "paid a seat that did not agree");
            _notePayment(order);
            _count("settleSeats");
        } catch {}
    }

    /// @notice Only the last provider, and seldom: its key is burnt.
    function equivocateSeat(uint256 who, uint256 draw) external watched {
        if (draw % 8 != 0) return;
        Order memory order = _newOrder(who, 1 ether, 0, JobMode.REDUNDANT);
        Assignment memory assignment = _assignmentOf(order, draw);
        SeatCommit memory first = SeatCommit(_hashOf(assignment), PROVIDERS, bytes32(uint256(1)));
        SeatCommit memory second = SeatCommit(first.assignmentHash, PROVIDERS, bytes32(uint256(2)));
        bytes memory firstSig = _sign(_signingKey(PROVIDERS), first.hashStruct());
        bytes memory secondSig = _sign(_signingKey(PROVIDERS), second.hashStruct());
        vm.prank(requester(0));
        try mesh.proveSeatEquivocation(order, assignment, first, firstSig, second, secondSig) {
            _count("proveSeatEquivocation");
        } catch {}
        _observeSupply();
    }

    function publish(uint16 feeBps, uint16 minBondBps) external {
        vm.prank(_starter);
        try _meshParams.publish(Terms(feeBps % 1_001, minBondBps % 500, 1 days)) {
            _count("publishTerms");
        } catch {}
    }

    /// @notice Seldom waits for what was published.
    function syncTerms(uint256 random) external watched {
        if (random % 8 == 0) vm.warp(block.timestamp + 2 days);
        mesh.syncTerms();
        _count("syncTerms");
    }

    function adoptTerms(uint256 who) external watched {
        uint32 id = _idOf(who);
        vm.prank(who % 4 == 0 ? address(this) : owner(id));
        try mesh.adoptTerms(id) {
            _count("adoptTerms");
        } catch {}
    }

    function freeze(uint32 seconds_) external {
        ISyncTerms[] memory meshes = new ISyncTerms[](1);
        meshes[0] = ISyncTerms(address(mesh));
        vm.prank(_starter);
        try _meshParams.freeze(1 + seconds_ % 300, meshes) {
            _count("freeze");
        } catch {}
    }

    /// @notice The contract wallet behaves well, badly, or tries to enter the mesh while it is asked.
    function setWallet(uint256 behaviour) external {
        behaviour %= 8;
        if (behaviour == wallet.CALLS_BACK()) {
            wallet.arm(address(mesh), abi.encodeCall(mesh.withdraw, (1, address(this))));
        } else {
            wallet.setBehaviour(behaviour == 7 ? 0 : behaviour);
        }
    }

    function _notePayment(Order memory order) private {
        _requireWilling(order.requester);
        if (order.requester == address(wallet)) _count("walletPays");
        _noteNonce(order);
    }

    function _assignmentOf(Order memory order, uint256 draw) private view returns (Assignment memory assignment) {
        assignment.jobId = mesh.jobIdOf(order);
        assignment.seats = new uint32[](SEATS);
        for (uint32 i = 0; i < SEATS; ++i) {
            assignment.seats[i] = _idOf(draw % PROVIDERS + i);
        }
    }

    function _reveals(Assignment memory assignment, bytes32[] memory salts, bool differs)
        private
        view
        returns (bytes memory signatures)
    {
        bytes32[] memory commitments = new bytes32[](SEATS);
        for (uint256 i = 0; i < SEATS; ++i) {
            salts[i] = bytes32(i + 1);
            commitments[i] =
                SeatCommitLib.commitmentOf(assignment.jobId, 0, assignment.seats[i], _output(1), salts[i]);
        }
        SeatReveal memory reveal =
            SeatReveal(_hashOf(assignment), 0, keccak256(abi.encode(assignment.seats, commitments)), _output(1));
        for (uint256 i = 0; i < SEATS; ++i) {
            reveal.providerId = assignment.seats[i];
            if (differs && i == 2) reveal.outputHash = bytes32(uint256(1));
            signatures = bytes.concat(signatures, _sign(_signingKey(reveal.providerId), reveal.hashStruct()));
        }
    }

    /// @dev Indexes of the lowest and the second lowest bid, the earlier one of equals first.
    function _twoLowest(uint96[3] calldata bidsWei) private pure returns (uint256 best, uint256 second) {
        for (uint256 i = 1; i < 3; ++i) {
            if (bidsWei[i] % 1_000 ether < bidsWei[best] % 1_000 ether) best = i;
        }
        second = best == 0 ? 1 : 0;
        for (uint256 i = 0; i < 3; ++i) {
            if (i != best && bidsWei[i] % 1_000 ether < bidsWei[second] % 1_000 ether) second = i;
        }
    }
}
