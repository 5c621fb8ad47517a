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

    /// @notice hashStruct of EIP-712.
    function hashStruct(Assignment calldata a) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(TYPEHASH, a.jobId, a.round, _hashOf(a.seats), a.seed, a.candidatesHash, a.issuedAt)
        );
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
