// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";

/// @notice A proof in calldata: A (2 words), B (4), C (2).
library Groth16Proof {
    /// @notice True when A and C are in G1, B has coordinates in the field, and none is zero: what can be seen before a
    ///         curve operation is paid for.
    function isWellFormed(uint256[8] calldata proof) internal pure returns (bool yes) {
        bool a = Bn254.isInG1(proof[0], proof[1]);
        bool b = Bn254.isFieldPoint(proof[2], proof[3], proof[4], proof[5]);
        bool c = Bn254.isInG1(proof[6], proof[7]);
        // Without branches: this runs for every proof.
        assembly ("memory-safe") {
            yes := and(and(a, b), c)
        }
    }

    /// @notice True when all proofs are well-formed.
    function areWellFormed(uint256[8][] calldata proofs) internal pure returns (bool) {
        for (uint256 index = 0; index < proofs.length; ++index) {
            if (!isWellFormed(proofs[index])) return false;
        }
        return true;
    }

    /// @notice Hash of all that a batch states. Each part has a length that follows from the parts before it or from
    ///         the length of the whole.
    function seedOf(uint256[8][] calldata proofs, bytes32 keyId, uint256[] calldata inputs)
        internal
        pure
        returns (bytes32 seed)
    {
        assembly ("memory-safe") {
            let start := mload(0x40)
            let proofBytes := shl(8, proofs.length)
            let inputBytes := shl(5, inputs.length)
            mstore(start, keyId)
            calldatacopy(add(start, 0x20), proofs.offset, proofBytes)
            calldatacopy(add(add(start, 0x20), proofBytes), inputs.offset, inputBytes)
            seed := keccak256(start, add(0x20, add(proofBytes, inputBytes)))
        }
    }

    /// @notice Writes -A and B as a pair into the input of the pairing. The proof is known to be well-formed.
    /// @dev Warning: the caller checks that `pairs` is long enough.
    function putPair(uint256[8] calldata proof, uint256[] memory pairs, uint256 index) internal pure {
        // No y on this curve is zero, so q - y is in the field.
        uint256 y = Bn254.Q - proof[1];
        assembly ("memory-safe") {
            let pair := add(add(pairs, 0x20), mul(index, 0xc0))
            calldatacopy(pair, proof, 0xc0)
            mstore(add(pair, 0x20), y)
        }
    }

    /// @notice True when all inputs are below the group order. An input and the same input plus the order would be two
    ///         names of one statement.
    function areInField(uint256[] calldata inputs) internal pure returns (bool yes) {
        uint256 r = Bn254.R;
        assembly ("memory-safe") {
            yes := 1
            let end := add(inputs.offset, shl(5, inputs.length))
            for { let input := inputs.offset } lt(input, end) { input := add(input, 0x20) } {
                yes := and(yes, lt(calldataload(input), r))
            }
        }
    }

    /// @notice An input, without the check of the length.
    /// @dev Warning: the caller checks it.
    function inputAt(uint256[] calldata inputs, uint256 index) internal pure returns (uint256 input) {
        assembly ("memory-safe") {
            input := calldataload(add(inputs.offset, shl(5, index)))
        }
    }
}
