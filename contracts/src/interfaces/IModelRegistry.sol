// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofVerifier} from "./IErc8274.sol";
import {IGroth16Keys} from "./IGroth16Keys.sol";

/// @title IModelRegistry
/// @notice Models whose weights are public inputs of one circuit, and the verifier of their proofs. One key, so one
///         ceremony, serves every model of an architecture. Of each model the chain computes one point from all of its
///         weights; a proof then costs what a circuit with three inputs costs.
/// @dev Public signals of such a circuit: results, request, one context, then the weights. Its verifying key is kept in
///      parts: up to the point of the context as a key of IGroth16Keys ("head"), the points of the weights as "basis"
///      contracts of 383 points each, the last one of what is left. The constant point of the head plus the sum of
///      weight · point is the constant point of the model.
///
///      Warning: nobody may bring that point. Whoever chooses it freely cancels the other inputs with it and proves any
///      result. It is computed here from weights in calldata; no function takes one.
///      Warning: an architecture is worth what the setup of its key is worth, see {IGroth16Keys}. Anybody may store a key
///      of their own here; an order names the key by the id of the model.
///
///      As IProofVerifier: proof bytes are those of IGroth16Adapter, with the id of a model as modelId and without the
///      weights. `metadata` has no meaning. False is the answer to every well-formed claim that does not hold; bytes of
///      another form, unknown models, wrong counts of signals and too little gas revert. Needs 410,000 gas and 8,000 for
///      each signal, of which about half comes back.
interface IModelRegistry is IGroth16Keys, IProofVerifier {
    /// @notice What the weights of a model are inputs of.
    /// @param keyId key of the circuit up to the context, stored by {IGroth16Keys-registerKey}
    /// @param basisIds points of the weights in the order of the circuit, stored by {storeBasis}; all but the last full
    struct Architecture {
        bytes32 keyId;
        bytes32[] basisIds;
    }

    /// @notice A model that can be proved with.
    /// @param keyId key of the circuit up to the context; zero = not registered
    /// @param x constant point of the key, plus the sum of weight · point
    /// @param y of that point
    struct Model {
        bytes32 keyId;
        uint256 x;
        uint256 y;
    }

    /// @notice A registration that has not seen all weights yet.
    /// @param parts basis contracts whose weights it has; zero = there is none
    /// @param x sum up to now
    /// @param y sum up to now
    /// @param weightsHash of the weights up to now
    struct Draft {
        uint256 parts;
        uint256 x;
        uint256 y;
        bytes32 weightsHash;
    }

    /// @notice A model that is known by a commitment alone.
    struct HiddenModel {
        address owner; // who registered it; zero = nobody did
        bytes32 keyId; // of the circuit that opens the commitment, as IGroth16Adapter takes it
        uint256 commitment; // as the circuit gives it out
    }

    /// @param basisId id of the basis
    /// @param pointer contract whose code is a zero byte and the points
    /// @param points how many
    event BasisStored(bytes32 indexed basisId, address pointer, uint256 points);
    /// @notice More weights came in; the model is not registered yet. They are in the calldata of the transaction.
    event WeightsAdded(bytes32 indexed architectureId, bytes32 indexed metadataHash, address indexed by, uint256 parts);
    /// @notice The model can be proved with.
    event ModelRegistered(
        bytes32 indexed modelId,
        bytes32 indexed architectureId,
        address indexed by,
        bytes32 weightsHash,
        bytes32 metadataHash
    );
    /// @notice An account says that it has a model behind this commitment.
    event HiddenModelRegistered(
        bytes32 indexed modelId, bytes32 indexed keyId, address indexed owner, uint256 commitment, bytes32 metadataHash
    );

    /// @notice A basis has 1 to 383 points.
    /// @param length in bytes
    error BadBasisLength(uint256 length);
    /// @notice A point is zero, has a coordinate out of the field or is not on the curve.
    error BadBasisPoint(uint256 index);
    /// @notice No basis with this id is stored here.
    error UnknownBasis(bytes32 basisId);
    /// @notice Only the last basis of an architecture may have room left: else one key had many architectures.
    error BasisNotFull(bytes32 basisId);
    /// @notice The weights do not begin where the caller's draft ends.
    error WrongPart(uint256 have, uint256 want);
    /// @notice The weights end inside a basis, or there are none, or too many.
    error WrongWeightCount(uint256 have, uint256 want);
    /// @notice A weight is not below the group order: it would be a second spelling of another.
    error WeightOutOfField();
    /// @notice A commitment is not below the group order.
    error CommitmentOutOfField(uint256 commitment);

    /// @notice Stores points of a verifying key. Anybody may call; a basis that is stored already stays as it is.
    /// @param points x and y of each point, 32 bytes each
    /// @return basisId keccak256(0x600b380380600b5f395ff300 ++ points)
    function storeBasis(bytes calldata points) external returns (bytes32 basisId);

    /// @notice Adds the weights of whole parts to the caller's registration of a model. With the last part the model is
    ///         registered; registering it again changes nothing. Anybody may register any weights.
    /// @dev About 6,500 gas for each weight and 120,000 for what is kept in between: six parts fit into a transaction of
    ///      16.7 million. A draft is the caller's own, one for each pair of architecture and metadata.
    /// @param metadataHash of whatever describes the model; part of its id
    /// @param fromPart parts that the draft has; 0 begins anew
    /// @param weights of the next parts, each below the group order
    /// @return modelId id of the model, keccak256(abi.encode(architectureId, weightsHash, metadataHash)); zero while
    ///         weights are missing. architectureId = keccak256(abi.encode(keyId, basisIds)); weightsHash begins with zero
    ///         and is keccak256(weightsHash ++ weights of the part) after each part
    function addWeights(
        Architecture calldata architecture,
        bytes32 metadataHash,
        uint256 fromPart,
        uint256[] calldata weights
    ) external returns (bytes32 modelId);

    /// @notice Writes down who claims the model behind a commitment, so that requesters know which to ask for. The
    ///         weights stay hidden: the circuit opens the commitment in each proof and gives it out as a public signal,
    ///         which is part of the request that the order names.
    /// @dev The opposite of {addWeights}: no point is computed, none is taken, and nothing about the weights is checked.
    ///      A commitment can be copied under another owner; only who has the weights can prove with it. The key is not
    ///      looked up: the verifier that the order names does that, behind IGroth16Adapter.
    /// @return modelId keccak256(abi.encode(keyId, commitment, owner, metadataHash)) with the caller as owner
    function registerHidden(bytes32 keyId, uint256 commitment, bytes32 metadataHash)
        external
        returns (bytes32 modelId);

    /// @notice All zero for an id that nobody registered.
    function hiddenModelOf(bytes32 modelId) external view returns (HiddenModel memory);

    /// @notice Where a basis is and how many points it has. Reverts when it is unknown.
    function basisOf(bytes32 basisId) external view returns (address pointer, uint256 points);

    /// @notice All zero for a model that is not registered.
    function modelOf(bytes32 modelId) external view returns (Model memory);

    /// @notice How far a registration is; all zero when there is none.
    function draftOf(address by, bytes32 architectureId, bytes32 metadataHash) external view returns (Draft memory);
}
