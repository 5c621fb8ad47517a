// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofVerifier} from "../../interfaces/IErc8274.sol";
import {IGroth16Verifier} from "../../interfaces/IGroth16Verifier.sol";
import {ProofAdapter} from "../adapters/ProofAdapter.sol";
import {Bn254} from "../groth16/Bn254.sol";
import {Groth16Claim, Groth16Claims} from "../groth16/Groth16Claim.sol";
import {Groth16Proof} from "../groth16/Groth16Proof.sol";
import {HiddenModels} from "./HiddenModels.sol";
import {ModelWeights} from "./ModelWeights.sol";

/// @title ModelRegistry
/// @notice Verifies proofs of registered models. Registry and verifier are one contract, so that a proof reads one slot
///         and one key. No owner.
contract ModelRegistry is ModelWeights, HiddenModels, ProofAdapter {
    using Bn254 for uint256[];
    using Groth16Proof for uint256[8];

    /// @dev A scalar up to this is cheaper as so many additions: a class is one.
    uint256 private constant FEW = 16;

    /// @inheritdoc IProofVerifier
    function verify(bytes32 inputHash, bytes32 outputHash, bytes calldata, bytes calldata proof)
        external
        view
        returns (bool)
    {
        Groth16Claim calldata claim = Groth16Claims.read(proof);
        return claim.isBound(inputHash, outputHash) && _holds(claim);
    }

    /// @inheritdoc IProofVerifier
    function proofSystem() public pure override(IProofVerifier, ProofAdapter) returns (string memory) {
        return "zk/groth16-bn254-model";
    }

    /// @dev e(-A, B) e(alpha, beta) e(V, gamma) e(C, delta) = 1, where V begins with the point of the model.
    function _holds(Groth16Claim calldata claim) private view returns (bool) {
        Model storage model = _models[claim.modelId];
        (uint256[] memory key, uint256 inputCount) = _loadKey(model.keyId);
        uint256[] memory signals = claim.signals();
        require(signals.length == inputCount, IGroth16Verifier.WrongInputCount(signals.length, inputCount));
        if (!claim.proof.isWellFormed()) return false;
        uint256[] memory v = Bn254.newSum(model.x, model.y);
        for (uint256 index = 0; index < inputCount; ++index) {
            uint256 signal = signals[index];
            if (signal >= Bn254.R) return false;
            if (signal > FEW) _addInput(v, key, index, signal);
            else v.addTimes(key, CONSTANT + 2 + 2 * index, signal);
        }
        uint256[] memory pairs = Bn254.allocate(4 * Bn254.PAIR_WORDS);
        claim.proof.putPair(pairs, 0);
        pairs.copyPair(1, key, ALPHA);
        pairs.setPair(2, v.wordAt(0), v.wordAt(1), key, GAMMA);
        pairs.setPair(3, claim.proof[6], claim.proof[7], key, DELTA);
        return pairs.isProductOne();
    }
}
