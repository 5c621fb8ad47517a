// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../../interfaces/IModelRegistry.sol";
import {Bn254} from "../groth16/Bn254.sol";
import {ModelBasis} from "./ModelBasis.sol";

/// @title ModelWeights
/// @notice Computes the constant point of a model from its weights, in one transaction or in several.
abstract contract ModelWeights is ModelBasis {
    using Bn254 for uint256[];

    mapping(bytes32 modelId => Model) internal _models;

    mapping(address by => mapping(bytes32 architectureId => mapping(bytes32 metadataHash => Draft))) private _drafts;

    /// @inheritdoc IModelRegistry
    function addWeights(
        Architecture calldata architecture,
        bytes32 metadataHash,
        uint256 fromPart,
        uint256[] calldata weights
    ) external returns (bytes32 modelId) {
        bytes32 architectureId = keccak256(abi.encode(architecture.keyId, architecture.basisIds));
        Draft storage kept = _drafts[msg.sender][architectureId][metadataHash];
        Draft memory draft = fromPart == 0 ? _begin(architecture.keyId) : kept;
        require(fromPart == draft.parts, WrongPart(fromPart, draft.parts));
        _fold(draft, architecture.basisIds, weights);
        if (draft.parts < architecture.basisIds.length) {
            _drafts[msg.sender][architectureId][metadataHash] = draft;
            emit WeightsAdded(architectureId, metadataHash, msg.sender, draft.parts);
            return 0;
        }
        if (fromPart != 0) delete _drafts[msg.sender][architectureId][metadataHash];
        modelId = keccak256(abi.encode(architectureId, draft.weightsHash, metadataHash));
        _models[modelId] = Model(architecture.keyId, draft.x, draft.y);
        emit ModelRegistered(modelId, architectureId, msg.sender, draft.weightsHash, metadataHash);
    }

    /// @inheritdoc IModelRegistry
    function modelOf(bytes32 modelId) external view returns (Model memory) {
        return _models[modelId];
    }

    /// @inheritdoc IModelRegistry
    function draftOf(address by, bytes32 architectureId, bytes32 metadataHash) external view returns (Draft memory) {
        return _drafts[by][architectureId][metadataHash];
    }

    /// @dev The sum begins with the constant point of the circuit. Reverts when the key is unknown.
    function _begin(bytes32 keyId) private view returns (Draft memory draft) {
        (uint256[] memory key,) = _loadKey(keyId);
        (draft.x, draft.y) = (key.wordAt(CONSTANT), key.wordAt(CONSTANT + 1));
    }

    /// @dev Whole parts only, so that a hash of weights has one way to be computed.
    function _fold(Draft memory draft, bytes32[] calldata basisIds, uint256[] calldata weights) private view {
        uint256[] memory sum = Bn254.newSum(draft.x, draft.y);
        uint256 done = 0;
        while (done < weights.length || done == 0) {
            require(draft.parts < basisIds.length, WrongWeightCount(weights.length, done));
            bytes32 basisId = basisIds[draft.parts++];
            (address pointer, uint256 count) = basisOf(basisId);
            require(count == MAX_POINTS || draft.parts == basisIds.length, BasisNotFull(basisId));
            uint256 end = done + count;
            require(end <= weights.length, WrongWeightCount(weights.length, end));
            require(sum.addStored(pointer, weights[done:end]), WeightOutOfField());
            draft.weightsHash = keccak256(abi.encodePacked(draft.weightsHash, weights[done:end]));
            done = end;
        }
        (draft.x, draft.y) = (sum.wordAt(0), sum.wordAt(1));
    }
}
