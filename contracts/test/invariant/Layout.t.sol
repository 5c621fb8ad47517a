// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Shares} from "../../src/libraries/Shares.sol";
import {Assignment, AssignmentLib} from "../../src/types/Assignment.sol";
import {ChannelConfig, ChannelConfigLib} from "../../src/types/ChannelConfig.sol";
import {ChannelWord, ChannelWordLib} from "../../src/types/ChannelWord.sol";
import {EarnedWord, EarnedWordLib} from "../../src/types/EarnedWord.sol";
import {HeldWord, HeldWordLib} from "../../src/types/HeldWord.sol";
import {JobFlag, JobStatus, JobWord, JobWordLib} from "../../src/types/JobWord.sol";
import {Receipt, ReceiptLib} from "../../src/types/Receipt.sol";
import {SeatCommit, SeatCommitLib} from "../../src/types/SeatCommit.sol";
import {SeatReveal, SeatRevealLib} from "../../src/types/SeatReveal.sol";
import {Order, OrderLib} from "../../src/types/Order.sol";
import {SeatsDigest} from "../../src/verification/redundant/SeatsDigest.sol";

/// @notice Packed words give back what was put in, and hand-written hashing equals plain Solidity.
contract LayoutTest {
    function testFuzz_seatedWordRoundTrips(uint8 status, uint8 round, uint40 since, bytes32 digest) public pure {
        round &= 0x7f;
        JobWord word = JobWordLib.seated(status, round, since, digest);
        require(word.status() == status && word.round() == round && word.since() == since, "fields");
        require(word.payload() == uint256(digest) >> 56, "payload");
        require(word.binds(digest) && word.binds(digest ^ bytes32(uint256(1))), "binds the high bits");
        require(!word.binds(digest ^ bytes32(uint256(1) << 56)), "binds nothing else");
        require(!word.hasStoredOpenings(), "flag before");
        JobWord marked = word.withStoredOpenings();
        require(marked.hasStoredOpenings() && marked.round() == round && marked.binds(digest), "flag after");
        require(marked.status() == status && marked.since() == since, "fields after");
    }

    function testFuzz_singleWordRoundTrips(uint8 status, uint32 providerId, uint40 since, bytes32 output) public pure {
        JobWord word = JobWordLib.single(status, providerId, since, output);
        require(word.status() == status && word.since() == since && word.round() == 0, "fields");
        require(word.providerId() == providerId, "provider");
        require(word.outputTag() == JobWordLib.outputTagOf(output), "tag");
        require(word.outputTag() == uint256(output) >> 88, "tag is the high part");
    }

    function testFuzz_activeWordRoundTrips(uint32 providerId, uint40 since, uint40 dueAt, bool takenOver) public pure {
        uint8 flags = takenOver ? JobFlag.TAKEN_OVER : JobFlag.PROOF_ONLY;
        JobWord word = JobWordLib.active(providerId, since, dueAt, flags);
        require(word.status() == JobStatus.ACTIVE && word.since() == since, "fields");
        require(word.providerId() == providerId && word.dueAt() == dueAt, "provider and due");
        require(word.hasFlag(JobFlag.TAKEN_OVER) == takenOver, "taken over");
        require(word.hasFlag(JobFlag.PROOF_ONLY) == !takenOver, "proof only");
    }

    function testFuzz_earnedWordKeepsItsParts(address owner, uint8 version, uint8 next, uint96 first, uint96 second)
        public
        pure
    {
        version %= 64;
        next %= 64;
        first %= 2 ** 89;
        second %= 2 ** 89;
        EarnedWord word = EarnedWordLib.pack(owner, version).plus(first).plus(second);
        require(word.owner() == owner && word.version() == version, "owner and version");
        require(word.grossWei() == first + second, "amount");
        EarnedWord moved = word.under(next);
        require(moved.owner() == owner && moved.version() == next && moved.grossWei() == first + second, "under");
        word = word.emptied();
        require(word.owner() == owner && word.version() == version && word.grossWei() == 0, "emptied");
    }

    function testFuzz_heldWordAddsAndTakes(address holder, uint96 amount, uint96 added) public pure {
        amount %= 2 ** 90;
        added %= 2 ** 90;
        HeldWord word = HeldWordLib.pack(holder, amount).plus(added);
        require(word.holder() == holder && word.amountWei() == amount + added, "plus");
        word = word.minus(amount);
        require(word.holder() == holder && word.amountWei() == added, "minus");
    }

    function testFuzz_heldWordNeverWraps(address holder, uint96 amount, uint96 excess) public view {
        if (amount == type(uint96).max || excess == 0) return;
        try this.take(holder, amount, amount + 1) {
            revert("took more than there was");
        } catch {}
        try this.add(holder, type(uint96).max, excess) {
            revert("sum wrapped");
        } catch {}
    }

    function testFuzz_sharesDivideWithoutLoss(uint96 amount, uint16 feeBps) public pure {
        feeBps %= 1001;
        uint96 fee = Shares.feeDown(amount, feeBps);
        require(uint256(fee) * 10_000 <= uint256(amount) * feeBps, "fee rounds down");
        uint96 burned = Shares.burnedUp(amount);
        require(burned <= amount && uint256(burned) * 2 >= amount, "at least half burns");
        require(uint256(burned) * 2 <= uint256(amount) + 1, "at most half and a wei burns");
    }

    function testFuzz_seatsDigestIsAbiEncoding(uint32[] calldata ids, bytes32[] calldata commitments) public pure {
        require(
            SeatsDigest.digestOf(ids, commitments) == keccak256(abi.encode(ids, commitments)), "digest differs"
        );
    }

    function testFuzz_commitmentIsAbiEncoding(bytes32 jobId, uint8 round, uint32 id, bytes32 output, bytes32 salt)
        public
        pure
    {
        require(
            SeatCommitLib.commitmentOf(jobId, round, id, output, salt)
                == keccak256(abi.encode(jobId, round, id, output, salt)),
            "commitment differs"
        );
    }

    function testFuzz_seatCommitIsAbiEncoding(SeatCommit memory c) public pure {
        require(c.hashStruct() == keccak256(abi.encode(SeatCommitLib.TYPEHASH, c)), "struct hash differs");
    }

    function testFuzz_seatRevealIsAbiEncoding(SeatReveal memory r) public pure {
        require(r.hashStruct() == keccak256(abi.encode(SeatRevealLib.TYPEHASH, r)), "struct hash differs");
    }

    function testFuzz_orderIsAbiEncoding(Order calldata order) public pure {
        require(order.hashStruct() == keccak256(abi.encode(OrderLib.TYPEHASH, order)), "struct hash differs");
    }

    function testFuzz_channelWordRoundTrips(uint96 funded, uint96 claimed, uint40 closableAfter) public pure {
        if (claimed > funded) (funded, claimed) = (claimed, funded);
        ChannelWord word = ChannelWordLib.pack(funded, claimed, closableAfter);
        require(word.fundedWei() == funded && word.claimedWei() == claimed, "amounts");
        require(word.closableAfter() == closableAfter && word.heldWei() == funded - claimed, "time and held");
        require(word.isOpened() && !ChannelWord.wrap(0).isOpened(), "opened");
        require(ChannelWord.unwrap(word) >> 233 == 0, "nothing above the flag");
    }

    function testFuzz_assignmentIsAbiEncoding(Assignment calldata a) public pure {
        bytes32 seats = keccak256(abi.encodePacked(a.seats));
        bytes memory encoded =
            abi.encode(AssignmentLib.TYPEHASH, a.jobId, a.round, seats, a.seed, a.candidatesHash, a.issuedAt);
        require(a.hashStruct() == keccak256(encoded), "struct hash differs");
    }

    function testFuzz_receiptIsAbiEncoding(Receipt calldata receipt) public pure {
        require(receipt.hashStruct() == keccak256(abi.encode(ReceiptLib.TYPEHASH, receipt)), "struct hash differs");
    }

    function testFuzz_channelConfigIsAbiEncoding(ChannelConfig calldata config) public pure {
        require(
            config.hashStruct() == keccak256(abi.encode(ChannelConfigLib.TYPEHASH, config)), "struct hash differs"
        );
    }

    function testFuzz_allocatedOrderHashesLikeCalldata(Order calldata order) public pure {
        Order memory copy = OrderLib.allocate();
        bytes memory after_ = new bytes(32);
        copy.requester = order.requester;
        copy.coordinator = order.coordinator;
        copy.providerId = order.providerId;
        copy.kind = order.kind;
        copy.mode = order.mode;
        copy.seats = order.seats;
        copy.priceWei = order.priceWei;
        copy.bondWei = order.bondWei;
        copy.modelId = order.modelId;
        copy.inputHash = order.inputHash;
        copy.policy = order.policy;
        copy.nonce = order.nonce;
        copy.acceptBy = order.acceptBy;
        copy.execWindow = order.execWindow;
        copy.disputeWindow = order.disputeWindow;
        require(copy.hashStructAllocated() == order.hashStruct(), "struct hash differs");
        require(keccak256(after_) == keccak256(new bytes(32)), "overlaps what is allocated next");
    }

    function take(address holder, uint96 amount, uint96 taken) external pure {
        HeldWordLib.pack(holder, amount).minus(taken);
    }

    function add(address holder, uint96 amount, uint96 added) external pure {
        HeldWordLib.pack(holder, amount).plus(added);
    }
}
