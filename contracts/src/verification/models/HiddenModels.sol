// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../../interfaces/IModelRegistry.sol";
import {Bn254} from "../groth16/Bn254.sol";

/// @title HiddenModels
/// @notice Commitments to models whose weights nobody is shown.
abstract contract HiddenModels is IModelRegistry {
    mapping(bytes32 modelId => HiddenModel) private _hidden;

    /// @inheritdoc IModelRegistry
    function registerHidden(bytes32 keyId, uint256 commitment, bytes32 metadataHash)
        external
        returns (bytes32 modelId)
    {
        require(commitment < Bn254.R, CommitmentOutOfField(commitment));
        modelId = keccak256(abi.encode(keyId, commitment, msg.sender, metadataHash));
        _hidden[modelId] = HiddenModel(msg.sender, keyId, commitment);
        emit HiddenModelRegistered(modelId, keyId, msg.sender, commitment, metadataHash);
    }

    /// @inheritdoc IModelRegistry
    function hiddenModelOf(bytes32 modelId) external view returns (HiddenModel memory) {
        return _hidden[modelId];
    }
}
