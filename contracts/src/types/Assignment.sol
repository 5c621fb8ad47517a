// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using AssignmentLib for Assignment global;

/// @notice The coordinator's signed statement of which providers were drawn for one round of a job.
struct Assignment {
    bytes32 jobId; // EIP-712 digest of the order
    uint8 round; // 0 first seating, 1 reseating, 2 re-execution of a disputed result
    uint32[] seats; // provider ids in seat order
    bytes32 seed; // keccak256 of the VRF output the draw used
    bytes32 candidatesHash; // hash of the candidate list the draw used
    uint40 issuedAt; // unix seconds
}

/// @notice EIP-712 hashing of {Assignment}.
library AssignmentLib {
    bytes32 internal constant TYPEHASH = keccak256(
        "Assignment(bytes32 jobId,uint8 round,uint32[] seats,bytes32 seed,bytes32 candidatesHash,uint40 issuedAt)"
    );

    uint256 private constant ASSIGNMENT_BYTES = 6 * 32;
    /// @dev Place of the seats in the encoding, behind type hash, job id and round.
    uint256 private constant SEATS_AT = 3 * 32;

    /// @notice hashStruct of EIP-712.
    /// @dev Copied as it lies in calldata, with the hash of the seats in place of their offset. A word with dirty high
    ///      bits gives a hash that no typed-data signer produces.
    function hashStruct(Assignment calldata a) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        bytes32 seatsHash = _hashOf(a.seats);
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            calldatacopy(add(buffer, 0x20), a, ASSIGNMENT_BYTES)
            mstore(add(buffer, SEATS_AT), seatsHash)
            hash := keccak256(buffer, add(ASSIGNMENT_BYTES, 0x20))
        }
    }

    /// @dev EIP-712 pads array items to 32 bytes, which is how they lie in calldata. Copied as they are: items with
    ///      dirty high bits give a hash that no typed-data signer produces.
    function _hashOf(uint32[] calldata seats) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            let size := mul(seats.length, 0x20)
            calldatacopy(buffer, seats.offset, size)
            hash := keccak256(buffer, size)
        }
    }
}
