// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IGroth16Verifier} from "../../interfaces/IGroth16Verifier.sol";
import {Bn254} from "./Bn254.sol";
import {Groth16Keys} from "./Groth16Keys.sol";
import {Groth16Proof} from "./Groth16Proof.sol";

/// @title Groth16Batch
/// @notice One check for many proofs under one key.
/// @dev Proof i holds when E_i = e(A_i, B_i) / (e(alpha, beta) e(V_i, gamma) e(C_i, delta)) is one, where V_i is the
///      sum of the input points weighted with its inputs. The batch checks that the product of E_i^(r_i) is one. All
///      E_i are in a group of prime order, since every point was found in its group. r_0 = 1; the other r_i are 128
///      bits each of a hash over key, proofs and inputs. When E_i is not one for some i > 0, then for at most one value
///      of r_i the product is; when only E_0 is not one, never. By bilinearity the factors of alpha, gamma and delta
///      fold into one pairing each.
abstract contract Groth16Batch is IGroth16Verifier, Groth16Keys {
    using Bn254 for uint256[];
    using Groth16Proof for uint256[8];
    using Groth16Proof for uint256[8][];
    using Groth16Proof for uint256[];

    uint256 private constant MAX_PROOFS = 64;

    /// @inheritdoc IGroth16Verifier
    function verifyBatch(bytes32 keyId, uint256[8][] calldata proofs, uint256[] calldata inputs)
        external
        view
        returns (bool)
    {
        uint256 count = proofs.length;
        require(count != 0 && count <= MAX_PROOFS, BadBatchSize(count));
        (uint256[] memory key, uint256 inputCount) = _loadKey(keyId);
        require(inputs.length == count * inputCount, WrongInputCount(inputs.length, count * inputCount));
        // All of them before the first curve operation, so that most garbage is refused before it costs much.
        if (!proofs.areWellFormed() || !inputs.areInField()) return false;

        uint256[] memory weights = _weightsOf(proofs.seedOf(keyId, inputs), count);
        uint256[] memory pairs = Bn254.allocate((count + 3) * Bn254.PAIR_WORDS);
        // C: sum of r_i C_i
        uint256[] memory c = Bn254.newSum(proofs[0][6], proofs[0][7]);
        proofs[0].putPair(pairs, 0);
        uint256 total = 1;
        for (uint256 index = 1; index < count; ++index) {
            uint256[8] calldata proof = proofs[index];
            uint256 weight = weights[index];
            proof.putPair(pairs, index);
            pairs.scale(index, weight);
            c.addMul(proof[6], proof[7], weight);
            total += weight;
        }
        // V: sum of r_i V_i
        uint256[] memory v = Bn254.newSum(0, 0);
        v.addMul(key, CONSTANT, total);
        uint256[] memory scalars = _weigh(inputs, inputCount, weights);
        for (uint256 index = 0; index < inputCount; ++index) {
            _addInput(v, key, index, scalars[index]);
        }

        pairs.copyPair(count, key, ALPHA);
        pairs.scale(count, total);
        pairs.setPair(count + 1, v.wordAt(0), v.wordAt(1), key, GAMMA);
        pairs.setPair(count + 2, c.wordAt(0), c.wordAt(1), key, DELTA);
        return pairs.isProductOne();
    }

    /// @dev r_i, below 2^128.
    function _weightsOf(bytes32 seed, uint256 count) private pure returns (uint256[] memory weights) {
        weights = Bn254.allocate(count);
        weights[0] = 1;
        for (uint256 index = 1; index < count; ++index) {
            weights[index] = uint128(uint256(Hashes.efficientKeccak256(seed, bytes32(index))));
        }
    }

    /// @dev For each input of the circuit the sum of r_i times its value in proof i.
    function _weigh(uint256[] calldata inputs, uint256 inputCount, uint256[] memory weights)
        private
        pure
        returns (uint256[] memory sums)
    {
        sums = new uint256[](inputCount);
        uint256 next = 0;
        for (uint256 index = 0; index < weights.length; ++index) {
            for (uint256 input = 0; input < inputCount; ++input) {
                sums[input] = addmod(sums[input], mulmod(inputs[next], weights[index], Bn254.R), Bn254.R);
                ++next;
            }
        }
    }
}
