// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using SeatRevealLib for SeatReveal global;

/// @notice A seat's statement of its output, made when it holds the signed commitments of all seats. Signed by the
///         provider's signing key.
struct SeatReveal {
    bytes32 assignmentHash; // hashStruct of the Assignment that seats the provider
    uint32 providerId; // the seat
    bytes32 seatsDigest; // keccak256(abi.encode(seats, commitments)) of the commitments it holds
    bytes32 outputHash; // canonical hash of the result
}

/// @notice EIP-712 hashing of {SeatReveal}.
library SeatRevealLib {
    bytes32 internal constant TYPEHASH =
        keccak256("SeatReveal(bytes32 assignmentHash,uint32 providerId,bytes32 seatsDigest,bytes32 outputHash)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(SeatReveal memory r) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            mcopy(add(buffer, 0x20), r, 0x80)
            hash := keccak256(buffer, 0xa0)
        }
    }
}
