// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGroth16Verifier} from "../../interfaces/IGroth16Verifier.sol";
import {Bn254} from "./Bn254.sol";
import {Groth16Batch} from "./Groth16Batch.sol";
import {Groth16Proof} from "./Groth16Proof.sol";

/// @title Groth16Verifier
/// @notice One verifier for all circuits. No owner, no storage, no state that a call could change but new keys.
contract Groth16Verifier is Groth16Batch {
    using Bn254 for uint256[];
    using Groth16Proof for uint256[8];
    using Groth16Proof for uint256[];

    /// @inheritdoc IGroth16Verifier
    function verify(bytes32 keyId, uint256[8] calldata proof, uint256[] calldata inputs) external view returns (bool) {
        (uint256[] memory key, uint256 inputCount) = _loadKey(keyId);
        require(inputs.length == inputCount, WrongInputCount(inputs.length, inputCount));
        if (!proof.isWellFormed()) return false;

        // V: the constant point and the input points, weighted with the inputs
        uint256[] memory v = Bn254.newSum(key, CONSTANT);
        for (uint256 index = 0; index < inputCount; ++index) {
            uint256 scalar = inputs.inputAt(index);
            if (scalar >= Bn254.R) return false;
            _addInput(v, key, index, scalar);
        }
        // e(-A, B) e(alpha, beta) e(V, gamma) e(C, delta) = 1
        uint256[] memory pairs = Bn254.allocate(4 * Bn254.PAIR_WORDS);
        proof.putPair(pairs, 0);
        pairs.copyPair(1, key, ALPHA);
        pairs.setPair(2, v.wordAt(0), v.wordAt(1), key, GAMMA);
        pairs.setPair(3, proof[6], proof[7], key, DELTA);
        return pairs.isProductOne();
    }
}
