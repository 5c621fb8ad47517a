// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochSettler} from "../../src/epochs/EpochSettler.sol";
import {IEpochs} from "../../src/interfaces/IEpochs.sol";
import {SumTree} from "../../src/libraries/SumTree.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {CreditNote} from "../../src/types/CreditNote.sol";
import {EpochHeader, Side} from "../../src/types/EpochHeader.sol";
import {EpochVoucher} from "../../src/types/EpochVoucher.sol";
import {LeafAnswer, LeafProof, SumStep} from "../../src/types/SumProof.sol";
import {EpochHarness} from "../harness/EpochHarness.sol";
import {vm} from "./Vm.sol";

/// @notice Payers, a coordinator, challengers and passers-by of the EpochSettler, who do anything at any time.
contract EpochHandler {
    uint32 public constant PURSES = 4;
    uint32 public constant PROVIDERS = 4;
    uint256 internal constant POSTER_KEY = 0xC00D;
    uint256 internal constant PURSE_KEY = 0xBEEF;
    uint256 private constant QUESTIONS = 8;
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// @dev Two leaves: purse -> provider and purse + 1 -> provider + 1, which have the same order on both sides.
    struct Tracked {
        EpochHeader header;
        bytes32 id;
        bytes debits;
        bytes credits;
        uint32 purseId;
        uint32 providerId;
        uint96[2] amountWei;
        uint96[] questions; // of the debits side
    }

    DuckToken public immutable token;
    EpochSettler public immutable settler;
    EpochHarness private immutable _hasher;
    Tracked[] internal _epochs;
    address private _starter;
    mapping(uint32 purseId => uint256) public expectedWei; // what the purse should hold
    mapping(uint8 event_ => uint256) public reached;

    constructor(DuckToken token_, EpochSettler settler_, EpochHarness hasher) {
        token = token_;
        settler = settler_;
        _hasher = hasher;
    }

    /// @dev This contract owns the coordinator and the purses, and is every challenger.
    function start() external {
        if (_starter != address(0)) return;
        _starter = msg.sender;
        token.approve(address(settler), type(uint256).max);
        settler.registerCoordinator(vm.addr(POSTER_KEY), 1_000 ether);
        for (uint32 id = 1; id <= PURSES; ++id) {
            settler.openPurse(1, vm.addr(PURSE_KEY), 100 ether);
            expectedWei[id] = 100 ether;
        }
    }

    function warp(uint16 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 4_000);
    }

    function reserve(uint32 who, uint96 amountWei) external {
        uint32 id = 1 + who % PURSES;
        amountWei = 1 + amountWei % 50 ether;
        settler.reserve(1, id, amountWei);
        expectedWei[id] += amountWei;
    }

    function unreserve(uint32 who, uint96 amountWei, bool starts) external {
        uint32 id = 1 + who % PURSES;
        if (starts) return settler.startUnreserve(1, id, amountWei % 60 ether);
        uint256 before = settler.purseOf(1, id).balanceWei;
        try settler.unreserve(1, id, address(this)) {
            expectedWei[id] -= before - settler.purseOf(1, id).balanceWei;
            ++reached[0];
        } catch {}
    }

    function bond(uint96 amountWei, uint8 what) external {
        if (what % 4 == 0) settler.addBond(1, 1 + amountWei % 100 ether);
        else if (what % 4 == 1) settler.startExit(1);
        else try settler.withdrawBond(1, address(this)) {} catch {}
    }

    function post(uint32 purse, uint32 provider, uint96 a, uint96 b, uint32 serial, bool again) external {
        Tracked storage tracked = _epochs.push();
        tracked.purseId = 1 + purse % (PURSES - 1);
        tracked.providerId = 1 + provider % (PROVIDERS - 1);
        tracked.amountWei = [1 + a % 40 ether, 1 + b % 40 ether];
        tracked.debits = _pack(tracked.purseId, tracked.amountWei);
        tracked.credits = _pack(tracked.providerId, tracked.amountWei);
        uint32 next = settler.coordinatorOf(1).nextSerial;
        serial = again ? serial % next : next;
        bytes32 debitsRoot = _root(tracked.purseId, tracked.providerId, tracked.amountWei);
        bytes32 creditsRoot = _root(tracked.providerId, tracked.purseId, tracked.amountWei);
        uint96 freeBefore = settler.coordinatorOf(1).freeBondWei;
        vm.prank(vm.addr(POSTER_KEY));
        try settler.postEpoch(1, serial, 2, debitsRoot, creditsRoot, tracked.debits, tracked.credits) returns (
            bytes32 id
        ) {
            tracked.id = id;
            tracked.header = EpochHeader({
                coordinatorId: 1,
                serial: serial,
                jobs: 2,
                feeBps: 250,
                postedAt: uint40(block.timestamp),
                totalWei: tracked.amountWei[0] + tracked.amountWei[1],
                bondWei: freeBefore - settler.coordinatorOf(1).freeBondWei,
                debitsRoot: debitsRoot,
                creditsRoot: creditsRoot,
                debitsHash: keccak256(tracked.debits),
                creditsHash: keccak256(tracked.credits)
            });
            require(tracked.header.id() == id, "header");
            expectedWei[tracked.purseId] -= tracked.amountWei[0];
            expectedWei[tracked.purseId + 1] -= tracked.amountWei[1];
            ++reached[again ? 2 : 1];
        } catch {
            _epochs.pop();
        }
    }

    function challenge(uint256 which, uint96 atWei) external {
        if (_epochs.length == 0) return;
        Tracked storage tracked = _at(which);
        if (tracked.questions.length == QUESTIONS) return;
        atWei %= tracked.header.totalWei;
        try settler.challengeLeaf(tracked.header, Side.DEBITS, atWei) {
            tracked.questions.push(atWei);
        } catch {}
    }

    function answer(uint256 which) external {
        if (_epochs.length == 0) return;
        Tracked storage tracked = _at(which);
        for (uint256 i = 0; i < tracked.questions.length; ++i) {
            _answer(tracked, tracked.questions[i]);
        }
    }

    function close(uint256 which, uint32 items) external {
        if (_epochs.length == 0) return;
        _close(_at(which), 1 + items % 2);
    }

    function proveUnderpaid(uint256 which, uint96 moreWei) external {
        if (_epochs.length == 0) return;
        Tracked storage tracked = _at(which);
        CreditNote memory note = CreditNote(
            1, tracked.header.serial, tracked.providerId, tracked.amountWei[0] + uint96(moreWei % 2)
        );
        bytes memory signature = _sign(POSTER_KEY, _hasher.hashNote(note));
        try settler.proveUnderpaid(tracked.header, tracked.credits, note, signature) {
            require(moreWei % 2 != 0, "a right epoch was reverted");
            ++reached[3];
        } catch {}
    }

    function skipAndRedeem(uint32 serial, uint32 purse, uint32 provider, uint96 maxWei) external {
        serial = serial % (settler.coordinatorOf(1).nextSerial + 1);
        try settler.skipSerial(1, serial) {} catch {}
        uint32 id = 1 + purse % PURSES;
        EpochVoucher memory voucher = EpochVoucher(1, serial, id, 1 + provider % PROVIDERS, 1 + maxWei % 20 ether);
        uint256 before = settler.purseOf(1, id).balanceWei;
        try settler.redeem(voucher, _sign(PURSE_KEY, _hasher.hashVoucher(voucher))) {
            expectedWei[id] -= before - settler.purseOf(1, id).balanceWei;
            ++reached[4];
        } catch {}
    }

    function takeOut(uint32 provider) external {
        try settler.withdrawEarnings(1 + provider % PROVIDERS) {} catch {}
        try settler.withdrawFees(1) {} catch {}
        try settler.withdrawOwed(address(this)) {} catch {}
    }

    /// @notice After all deadlines, closes every epoch by permissionless calls and takes everything out. For the test
    ///         contract only: as one random action among others it would end every run early.
    function drain() external {
        if (msg.sender != _starter) return;
        uint256 nowAt = block.timestamp + 2 days;
        vm.warp(nowAt);
        for (uint256 i = 0; i < _epochs.length; ++i) {
            Tracked storage tracked = _epochs[i];
            _close(tracked, 10);
            _close(tracked, 10);
            IEpochs.Status status = settler.epochOf(tracked.id).status;
            require(status == IEpochs.Status.APPLIED || status == IEpochs.Status.REFUNDED, "epoch still open");
        }
        settler.startExit(1);
        for (uint32 id = 1; id <= PURSES; ++id) {
            settler.startUnreserve(1, id, type(uint96).max);
        }
        vm.warp(nowAt + 10 days);
        for (uint32 id = 1; id <= PURSES; ++id) {
            if (settler.purseOf(1, id).balanceWei != 0) settler.unreserve(1, id, address(this));
        }
        for (uint32 id = 1; id <= PROVIDERS; ++id) {
            if (settler.earningsOf(id) != 0) settler.withdrawEarnings(id);
        }
        if (settler.coordinatorOf(1).feesWei != 0) settler.withdrawFees(1);
        if (settler.coordinatorOf(1).freeBondWei != 0) settler.withdrawBond(1, address(this));
        if (settler.owedOf(address(this)) != 0) settler.withdrawOwed(address(this));
    }

    /// @notice What the settler holds for epochs and challenges.
    function heldForEpochs() external view returns (uint256 sum) {
        uint256 depositWei = settler.params().challengeDepositWei;
        for (uint256 i = 0; i < _epochs.length; ++i) {
            Tracked storage tracked = _epochs[i];
            IEpochs.Epoch memory epoch = settler.epochOf(tracked.id);
            sum += epoch.openChallenges * depositWei;
            bool open = epoch.status == IEpochs.Status.POSTED || epoch.status == IEpochs.Status.APPLYING;
            if (open) sum += tracked.header.bondWei;
            if (!open && epoch.status != IEpochs.Status.REVERTED) continue;
            for (uint256 item = epoch.cursor; item < 2; ++item) {
                sum += tracked.amountWei[item];
            }
        }
    }

    function _close(Tracked storage tracked, uint32 items) private {
        uint256 asked = tracked.questions.length;
        for (uint256 i = 0; i < asked; ++i) {
            try settler.revertEpoch(tracked.header, Side.DEBITS, tracked.questions[i]) {
                ++reached[5];
            } catch {}
            try settler.dropChallenge(tracked.header, Side.DEBITS, tracked.questions[i]) {} catch {}
        }
        try settler.applyTotals(tracked.header, tracked.credits, items) {
            ++reached[6];
        } catch {}
        uint32 cursor = settler.epochOf(tracked.id).cursor;
        try settler.refundDebits(tracked.header, tracked.debits, items) {
            uint32 until = settler.epochOf(tracked.id).cursor;
            for (; cursor < until; ++cursor) {
                expectedWei[tracked.purseId + cursor] += tracked.amountWei[cursor];
            }
            ++reached[7];
        } catch {}
    }

    function _answer(Tracked storage tracked, uint96 atWei) private {
        uint256 index = atWei < tracked.amountWei[0] ? 0 : 1;
        uint32 purseId = tracked.purseId + uint32(index);
        uint32 providerId = tracked.providerId + uint32(index);
        uint96 amountWei = tracked.amountWei[index];
        EpochVoucher memory voucher = EpochVoucher(1, tracked.header.serial, purseId, providerId, amountWei);
        LeafAnswer memory given = LeafAnswer({
            leaf: LeafProof(purseId, providerId, amountWei, _path(tracked.purseId, tracked.providerId, tracked, index)),
            mirrorPath: _path(tracked.providerId, tracked.purseId, tracked, index),
            maxWei: amountWei,
            voucherSig: _sign(PURSE_KEY, _hasher.hashVoucher(voucher))
        });
        try settler.answerLeaf(tracked.header, Side.DEBITS, atWei, given) {
            ++reached[8];
        } catch {}
    }

    function _path(uint32 account, uint32 other, Tracked storage tracked, uint256 index)
        private
        view
        returns (SumStep[] memory path)
    {
        uint32 sibling = index == 0 ? 1 : 0;
        path = new SumStep[](1);
        uint96 siblingWei = tracked.amountWei[sibling];
        path[0] = SumStep(SumTree.leafHash(account + sibling, other + sibling, siblingWei), siblingWei, index == 1);
    }

    function _root(uint32 account, uint32 other, uint96[2] memory amountWei) private pure returns (bytes32) {
        bytes32 left = SumTree.leafHash(account, other, amountWei[0]);
        bytes32 right = SumTree.leafHash(account + 1, other + 1, amountWei[1]);
        return SumTree.nodeHash(left, amountWei[0], right, amountWei[1]);
    }

    function _pack(uint32 id, uint96[2] memory amountWei) private pure returns (bytes memory) {
        return abi.encodePacked(id, amountWei[0], id + 1, amountWei[1]);
    }

    function _sign(uint256 key, bytes32 structHash) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("DuckMesh EpochSettler"), keccak256("1"), block.chainid, settler)
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        return abi.encodePacked(r, s, v);
    }

    function _at(uint256 which) private view returns (Tracked storage) {
        return _epochs[which % _epochs.length];
    }
}
