// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using SeatCommitLib for SeatCommit global;

/// @notice A seat's promise to open `commitment`. Signed by the provider's signing key.
struct SeatCommit {
    bytes32 assignmentHash; // hashStruct of the Assignment that seats the provider; it says the job and the round
    uint32 providerId; // the seat
    bytes32 commitment; // see SeatCommitLib.commitmentOf
}

/// @notice EIP-712 hashing of {SeatCommit} and the salted commitment it carries.
library SeatCommitLib {
    bytes32 internal constant TYPEHASH =
        keccak256("SeatCommit(bytes32 assignmentHash,uint32 providerId,bytes32 commitment)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(SeatCommit memory c) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            mcopy(add(buffer, 0x20), c, 0x60)
            hash := keccak256(buffer, 0x80)
        }
    }

    /// @notice The commitment to one result.
    /// @dev The provider id is inside, so a seat that copied another's commitment can never open it.
    /// @param salt 32 random bytes; without them a guessable result could be read from its commitment
    function commitmentOf(bytes32 jobId, uint8 round, uint32 providerId, bytes32 outputHash, bytes32 salt)
        internal
        pure
        returns (bytes32 commitment)
    {
        // keccak256(abi.encode(jobId, round, providerId, outputHash, salt)), without moving the free pointer.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, jobId)
            mstore(add(buffer, 0x20), and(round, 0xff))
            mstore(add(buffer, 0x40), and(providerId, 0xffffffff))
            mstore(add(buffer, 0x60), outputHash)
            mstore(add(buffer, 0x80), salt)
            commitment := keccak256(buffer, 0xa0)
        }
    }
}
