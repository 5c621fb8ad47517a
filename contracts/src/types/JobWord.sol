// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The whole on-chain state of a job in one word.
/// @dev Layout, low bits first:
///        status 8 | flags 8 | since 40 | payload 200
///      since:   second of the last transition; a round being committed keeps the second at which it began
///      flags:   seats: bits 0..6 round (0, 1, 2), bit 7 = at least one opening is stored
///               on-chain lane, Active: bit 0 = taken over from a late provider, bit 1 = only a proof can deliver
///      payload: on-chain lane        providerId 32 (high) | output tag 168 (low)
///               Active               providerId 32 (high) | zero 128 | last second to submit 40
///               Committing           high 200 bits of hashStruct(Assignment)
///               Anchored             high 200 bits of keccak256(abi.encode(ids, commitments))
type JobWord is uint256;

using JobWordLib for JobWord global;

/// @notice Values of the status field. Paid, Refunded and Failed are terminal.
library JobStatus {
    uint8 internal constant NONE = 0;
    uint8 internal constant OPEN = 1;
    uint8 internal constant ACTIVE = 2;
    uint8 internal constant SUBMITTED = 3;
    uint8 internal constant DISPUTED = 4;
    uint8 internal constant COMMITTING = 5;
    uint8 internal constant ANCHORED = 6;
    uint8 internal constant RESEATING = 7;
    uint8 internal constant PAID = 8;
    uint8 internal constant REFUNDED = 9;
    uint8 internal constant FAILED = 10;
}

/// @notice Flags of an Active word.
library JobFlag {
    uint8 internal constant TAKEN_OVER = 1;
    uint8 internal constant PROOF_ONLY = 2;
}

/// @notice Packing of {JobWord}.
library JobWordLib {
    uint256 private constant SINCE_SHIFT = 16;
    uint256 private constant PAYLOAD_SHIFT = 56;
    uint256 private constant ID_SHIFT = 56 + 168;
    uint8 private constant STORED_OPENINGS_FLAG = 0x80;
    uint256 private constant STORED_OPENINGS_BIT = uint256(STORED_OPENINGS_FLAG) << 8;

    /// @notice A word of the redundant lane. `digest` is truncated to its high 200 bits.
    function seated(uint8 status_, uint8 round_, uint40 since_, bytes32 digest) internal pure returns (JobWord) {
        return JobWord.wrap(
            (uint256(digest) & ~((uint256(1) << PAYLOAD_SHIFT) - 1)) | (uint256(since_) << SINCE_SHIFT)
                | (uint256(round_) << 8) | status_
        );
    }

    /// @notice A word of the on-chain lane. `outputHash` is truncated to its high 168 bits.
    function single(uint8 status_, uint32 providerId_, uint40 since_, bytes32 outputHash)
        internal
        pure
        returns (JobWord)
    {
        return JobWord.wrap(
            (uint256(providerId_) << ID_SHIFT) | (uint256(outputTagOf(outputHash)) << PAYLOAD_SHIFT)
                | (uint256(since_) << SINCE_SHIFT) | status_
        );
    }

    /// @notice The word of a job that a provider works on.
    function active(uint32 providerId_, uint40 since_, uint40 dueAt_, uint8 flags_) internal pure returns (JobWord) {
        return JobWord.wrap(
            (uint256(providerId_) << ID_SHIFT) | (uint256(dueAt_) << PAYLOAD_SHIFT) | (uint256(since_) << SINCE_SHIFT)
                | (uint256(flags_) << 8) | JobStatus.ACTIVE
        );
    }

    /// @notice The 168 bits of an output hash that a word keeps.
    function outputTagOf(bytes32 outputHash) internal pure returns (uint168) {
        return uint168(uint256(outputHash) >> 88);
    }

    function status(JobWord w) internal pure returns (uint8) {
        return uint8(JobWord.unwrap(w));
    }

    function round(JobWord w) internal pure returns (uint8) {
        return uint8(JobWord.unwrap(w) >> 8) & ~STORED_OPENINGS_FLAG;
    }

    function since(JobWord w) internal pure returns (uint40) {
        return uint40(JobWord.unwrap(w) >> SINCE_SHIFT);
    }

    function providerId(JobWord w) internal pure returns (uint32) {
        return uint32(JobWord.unwrap(w) >> ID_SHIFT);
    }

    /// @notice Last second to submit; Active only.
    function dueAt(JobWord w) internal pure returns (uint40) {
        return uint40(JobWord.unwrap(w) >> PAYLOAD_SHIFT);
    }

    /// @notice True when a flag of an Active word is set.
    function hasFlag(JobWord w, uint8 flag) internal pure returns (bool) {
        return uint8(JobWord.unwrap(w) >> 8) & flag != 0;
    }

    function outputTag(JobWord w) internal pure returns (uint168) {
        return uint168(JobWord.unwrap(w) >> PAYLOAD_SHIFT);
    }

    function payload(JobWord w) internal pure returns (uint200) {
        return uint200(JobWord.unwrap(w) >> PAYLOAD_SHIFT);
    }

    /// @notice True when the high 200 bits of `digest` are the payload.
    function binds(JobWord w, bytes32 digest) internal pure returns (bool) {
        return (JobWord.unwrap(w) ^ uint256(digest)) >> PAYLOAD_SHIFT == 0;
    }

    function hasStoredOpenings(JobWord w) internal pure returns (bool) {
        return JobWord.unwrap(w) & STORED_OPENINGS_BIT != 0;
    }

    function withStoredOpenings(JobWord w) internal pure returns (JobWord) {
        return JobWord.wrap(JobWord.unwrap(w) | STORED_OPENINGS_BIT);
    }
}
