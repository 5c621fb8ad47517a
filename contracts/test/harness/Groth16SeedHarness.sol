// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Groth16Proof} from "../../src/verification/groth16/Groth16Proof.sol";

/// @notice Test only: the hash from which a batch takes its weights, which no answer of the verifier shows.
contract Groth16SeedHarness {
    function seedOf(bytes32 keyId, uint256[8][] calldata proofs, uint256[] calldata inputs)
        external
        pure
        returns (bytes32)
    {
        return Groth16Proof.seedOf(proofs, keyId, inputs);
    }
}
