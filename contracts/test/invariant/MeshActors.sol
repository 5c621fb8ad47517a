// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {Assignment} from "../../src/types/Assignment.sol";
import {JobMode} from "../../src/types/JobMode.sol";
import {JobStatus} from "../../src/types/JobWord.sol";
import {Order} from "../../src/types/Order.sol";
import {SeatCommit, SeatCommitLib} from "../../src/types/SeatCommit.sol";
import {AttackWallet} from "../harness/AttackWallet.sol";
import {HashHarness} from "../harness/HashHarness.sol";
import {FickleVerifier} from "./FickleVerifier.sol";
import {MeshSigners} from "./MeshSigners.sol";
import {vm} from "./Vm.sol";

/// @notice The jobs that the actors started, and what can be seen of them.
abstract contract MeshActors is MeshSigners {
    uint256 internal constant SEATS = 3;
    /// @dev Begins with the selector of a verifier.
    bytes32 private constant POLICY = bytes32(bytes4(0x01020304));
    uint32 internal constant EXEC_WINDOW = 100;
    uint32 internal constant DISPUTE_WINDOW = 100;

    /// @dev One order and the round its seats are in.
    struct Tracked {
        Order order;
        bytes32 jobId;
        uint32[] ids;
        bytes32[] commitments;
        bytes32[] outputs;
        Assignment assignment;
        uint8 terminalStatus; // zero while the job is open
    }

    Tracked[] internal _jobs;
    address internal _starter;
    uint64 internal _nonce;
    uint64[] public invalidated;
    uint256 public lowestSupply;
    mapping(uint8 status => uint256) public reached;
    /// @notice How often a call was not refused, so that a campaign of refusals is seen.
    mapping(bytes32 what => uint256) public happened;
    uint256 public succeeded;
    mapping(bytes32 jobId => uint256 index) private _indexes;
    mapping(bytes32 jobId => mapping(uint8 round => mapping(uint32 id => bool))) private _committed;

    /// @param token_ all of it belongs to this contract when `start` is called
    constructor(DuckToken token_, IDuckMesh mesh_, HashHarness hasher, AttackWallet wallet_, FickleVerifier verifier_)
        MeshSigners(token_, mesh_, hasher, wallet_, verifier_)
    {
        lowestSupply = token_.totalSupply();
    }

    function jobCount() external view returns (uint256) {
        return _jobs.length;
    }

    function invalidatedCount() external view returns (uint256) {
        return invalidated.length;
    }

    function job(uint256 index) external view returns (Tracked memory) {
        return _jobs[index];
    }

    function _fund(address account, uint96 amountWei) internal {
        token.transfer(account, amountWei);
        vm.prank(account);
        token.approve(address(mesh), type(uint256).max);
        vm.prank(account);
        mesh.deposit(amountWei);
    }

    function _withdrawAll(address account) internal {
        uint96 have = mesh.accountOf(account);
        if (have == 0) return;
        vm.prank(account);
        mesh.withdraw(have, account);
    }

    /// @dev Every permissionless edge; each is refused unless its deadline passed.
    function _poke(Tracked storage tracked) internal {
        try mesh.finalizeJob(tracked.order) {
            _count("finalizeJob");
        } catch {}
        try mesh.expireJob(tracked.order) {
            _count("expireJob");
        } catch {}
        try mesh.sealSeats(tracked.order, tracked.assignment) {
            _forgetUncommitted(tracked);
            _count("sealSeats");
        } catch {}
        _observe(tracked);
    }

    function _open(Tracked storage tracked, uint8 givenMask) internal {
        if (tracked.ids.length == 0) return;
        bytes32[] memory outputs = new bytes32[](SEATS);
        bytes32[] memory salts = new bytes32[](SEATS);
        for (uint256 i = 0; i < SEATS; ++i) {
            if (givenMask & (1 << i) == 0 || tracked.commitments[i] == 0) continue;
            salts[i] = _saltOf(tracked, i);
            bytes32 own = SeatCommitLib.commitmentOf(
                tracked.jobId, tracked.assignment.round, tracked.ids[i], tracked.outputs[i], salts[i]
            );
            // A copied commitment cannot be opened; leave it out.
            if (own == tracked.commitments[i]) outputs[i] = tracked.outputs[i];
            else salts[i] = 0;
        }
        try mesh.openSeats(tracked.order, tracked.ids, tracked.commitments, outputs, salts) {
            _count("openSeats");
        } catch {}
        _observe(tracked);
    }

    /// @dev Sealing anchors zero for seats that never committed.
    function _forgetUncommitted(Tracked storage tracked) internal {
        for (uint256 i = 0; i < SEATS; ++i) {
            if (!_committed[tracked.jobId][tracked.assignment.round][tracked.ids[i]]) tracked.commitments[i] = 0;
        }
    }

    /// @dev Notes what can be seen after a call: terminal states, the supply, the seats committed by themselves.
    function _observe(Tracked storage tracked) internal {
        uint8 status = mesh.jobOf(tracked.jobId).status;
        ++reached[status];
        if (status >= JobStatus.PAID && tracked.terminalStatus == 0) tracked.terminalStatus = status;
        if (status == JobStatus.COMMITTING) {
            for (uint256 i = 0; i < SEATS; ++i) {
                bool committed = mesh.seatCommitmentOf(tracked.jobId, tracked.ids[i]) != 0;
                _committed[tracked.jobId][tracked.assignment.round][tracked.ids[i]] = committed;
            }
        }
        _observeSupply();
    }

    function _count(bytes32 what) internal {
        ++happened[what];
        ++succeeded;
    }

    function _observeSupply() internal {
        uint256 supply = token.totalSupply();
        require(supply <= lowestSupply, "supply rose");
        lowestSupply = supply;
    }

    /// @dev An open job that can be seated now, or a new redundant order.
    function _seatable(uint256 which, uint96 priceWei, uint96 bondWei) internal returns (Tracked storage) {
        if (_jobs.length != 0 && which % 2 == 0) {
            Tracked storage tracked = _at(which / 2);
            uint8 status = mesh.jobOf(tracked.jobId).status;
            bool open_ =
                status == JobStatus.RESEATING || status == JobStatus.DISPUTED || status == JobStatus.COMMITTING;
            if (open_) return tracked;
        }
        return _track(_newOrder(which, priceWei, bondWei, JobMode.REDUNDANT));
    }

    function _track(Order memory order) internal returns (Tracked storage tracked) {
        tracked = _jobs.push();
        tracked.order = order;
        tracked.jobId = mesh.jobIdOf(order);
        _indexes[tracked.jobId] = _jobs.length - 1;
    }

    function _tracked(bytes32 jobId) internal view returns (Tracked storage tracked) {
        tracked = _jobs[_indexes[jobId]];
        require(tracked.jobId == jobId, "no such job");
    }

    function _newOrder(uint256 who, uint96 priceWei, uint96 bondWei, uint8 mode) internal returns (Order memory order) {
        order.requester = payer(who % PAYERS);
        order.coordinator = vm.addr(COORDINATOR_KEY);
        order.mode = mode;
        order.policy = POLICY;
        order.seats = uint8(SEATS);
        order.priceWei = priceWei % 1_000 ether;
        order.bondWei = bondWei % 200 ether;
        order.nonce = ++_nonce;
        order.acceptBy = uint40(block.timestamp + 200);
        order.execWindow = EXEC_WINDOW;
        order.disputeWindow = DISPUTE_WINDOW;
    }

    /// @dev Seats, outputs and commitments of the round the job is waiting for. One draw in eight copies a commitment.
    function _draw(Tracked storage tracked, uint256 draw, uint24 outputs) internal {
        uint8 status = mesh.jobOf(tracked.jobId).status;
        if (status == JobStatus.COMMITTING || status == JobStatus.ANCHORED) return;
        uint8 round = status == JobStatus.RESEATING ? 1 : status == JobStatus.DISPUTED ? 2 : 0;
        delete tracked.ids;
        delete tracked.outputs;
        delete tracked.commitments;
        tracked.assignment.jobId = tracked.jobId;
        tracked.assignment.round = round;
        uint32 first = uint32(draw % PROVIDERS);
        uint32 step = draw & 0x100 == 0 ? 1 : 5;
        for (uint256 i = 0; i < SEATS; ++i) {
            uint32 id = uint32((first + step * i) % PROVIDERS) + 1;
            bytes32 output = _output(uint8(outputs >> (8 * i)));
            tracked.ids.push(id);
            tracked.outputs.push(output);
            bytes32 salt = keccak256(abi.encode(tracked.jobId, round, id));
            tracked.commitments.push(SeatCommitLib.commitmentOf(tracked.jobId, round, id, output, salt));
        }
        if (draw & 0xE00 == 0) tracked.commitments[2] = tracked.commitments[0];
        tracked.assignment.seats = tracked.ids;
    }

    function _signOrder(Tracked storage tracked) internal view returns (bytes memory) {
        return _signDigest(_keyOf(tracked.order.requester), tracked.jobId);
    }

    function _signAssignment(Tracked storage tracked) internal view returns (bytes memory) {
        return _sign(COORDINATOR_KEY, _hashOf(tracked.assignment));
    }

    function _signSeats(Tracked storage tracked) internal view returns (bytes memory signatures) {
        for (uint256 i = 0; i < SEATS; ++i) {
            signatures = bytes.concat(signatures, _signSeat(tracked, i));
        }
    }

    function _signSeat(Tracked storage tracked, uint256 seat) internal view returns (bytes memory) {
        bytes32 assignmentHash = _hashOf(tracked.assignment);
        uint32 id = tracked.ids[seat];
        SeatCommit memory c = SeatCommit(assignmentHash, id, tracked.commitments[seat]);
        return _sign(_signingKey(id), c.hashStruct());
    }

    /// @dev One of the recent jobs, since those still move.
    function _at(uint256 which) internal view returns (Tracked storage) {
        uint256 window = _jobs.length < 8 ? _jobs.length : 8;
        return _jobs[_jobs.length - 1 - which % window];
    }

    /// @dev A recent job in `status` if there is one, so that most calls get somewhere.
    function _find(uint256 which, uint8 status) internal view returns (Tracked storage) {
        for (uint256 i = 0; i < 8; ++i) {
            unchecked {
                if (mesh.jobOf(_at(which + i).jobId).status == status) return _at(which + i);
            }
        }
        return _at(which);
    }

    function _saltOf(Tracked storage tracked, uint256 seat) internal view returns (bytes32) {
        return keccak256(abi.encode(tracked.jobId, tracked.assignment.round, tracked.ids[seat]));
    }

    /// @dev Three quarters agree, so that majorities happen.
    function _output(uint8 seed) internal pure returns (bytes32) {
        return keccak256(abi.encode("output", seed % 4 == 0 ? seed % 3 : 0));
    }
}
