// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The hash that binds a round's seats to their commitments.
library SeatsDigest {
    /// @notice keccak256(abi.encode(ids, commitments)) straight from calldata.
    /// @dev Ids are copied as they are: dirty high bits change the hash, so they never match an anchored one.
    function digestOf(uint32[] calldata ids, bytes32[] calldata commitments) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            let idsBytes := mul(ids.length, 0x20)
            let commitmentsBytes := mul(commitments.length, 0x20)
            let tail := add(buffer, add(0x60, idsBytes))
            mstore(buffer, 0x40)
            mstore(add(buffer, 0x20), add(0x60, idsBytes))
            mstore(add(buffer, 0x40), ids.length)
            calldatacopy(add(buffer, 0x60), ids.offset, idsBytes)
            mstore(tail, commitments.length)
            calldatacopy(add(tail, 0x20), commitments.offset, commitmentsBytes)
            digest := keccak256(buffer, sub(add(tail, add(0x20, commitmentsBytes)), buffer))
        }
    }
}
