// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IProofVerifier} from "../../interfaces/IErc8274.sol";
import {IReferenceAdapter} from "../../interfaces/IReferenceAdapter.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {ReferenceVerdict} from "../../types/ReferenceVerdict.sol";
import {ProofAdapter} from "./ProofAdapter.sol";

/// @title ReferenceAdapter
/// @notice Quorum of validators that compared a result with a reference answer. The owner is a timelock.
contract ReferenceAdapter is IReferenceAdapter, ProofAdapter, EIP712, Ownable2Step {
    uint256 internal constant MAX_VALIDATORS = 128;
    uint256 private constant METADATA_BYTES = 19;

    /// @dev One slot with the count; the hot path reads both.
    /// @inheritdoc IReferenceAdapter
    uint128 public retiredMask;
    /// @inheritdoc IReferenceAdapter
    uint8 public validatorCount;

    /// @inheritdoc IReferenceAdapter
    mapping(uint8 validatorId => address key) public validatorOf;
    mapping(address key => bool) private _known;

    constructor(address owner_) EIP712("DuckMesh ReferenceAdapter", "1") Ownable(owner_) {}

    /// @inheritdoc IReferenceAdapter
    function addValidator(address key) external onlyOwner returns (uint8 validatorId) {
        require(key != address(0), ZeroValidator());
        require(!_known[key], ValidatorKnown(key));
        validatorId = validatorCount;
        require(validatorId < MAX_VALIDATORS, TooManyValidators(MAX_VALIDATORS));
        validatorCount = validatorId + 1;
        validatorOf[validatorId] = key;
        _known[key] = true;
        emit ValidatorAdded(validatorId, key);
    }

    /// @inheritdoc IReferenceAdapter
    function retireValidator(uint8 validatorId) external {
        require(validatorId < validatorCount, ValidatorUnknown(validatorId));
        require(msg.sender == owner() || msg.sender == validatorOf[validatorId], NotValidator(msg.sender));
        uint128 bit = uint128(1) << validatorId;
        require(retiredMask & bit == 0, ValidatorIsRetired(validatorId));
        retiredMask |= bit;
        emit ValidatorRetired(validatorId, msg.sender);
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes32 inputHash, bytes32 outputHash, bytes calldata metadata, bytes calldata proof)
        external
        view
        returns (bool)
    {
        if (metadata.length != METADATA_BYTES) return false;
        uint256 unheard = _eligible(uint128(bytes16(metadata)));
        uint8 quorum = uint8(metadata[16]);
        uint16 minScoreBps = uint16(bytes2(metadata[17:]));
        Verdict[] memory verdicts = abi.decode(proof, (Verdict[]));
        if (quorum == 0 || verdicts.length < quorum) return false;
        for (uint256 i = 0; i < verdicts.length; ++i) {
            Verdict memory verdict = verdicts[i];
            uint256 bit = 1 << verdict.validatorId;
            if (unheard & bit == 0 || verdict.scoreBps < minScoreBps) return false;
            unheard ^= bit;
            bytes32 digest = _digestOf(ReferenceVerdict(inputHash, outputHash, true, verdict.scoreBps));
            address signer = Signatures.recoverCompact(digest, verdict.r, verdict.vs);
            if (signer != validatorOf[verdict.validatorId]) return false;
        }
        return true;
    }

    /// @inheritdoc IReferenceAdapter
    function digestOf(ReferenceVerdict calldata verdict) external view returns (bytes32) {
        return _digestOf(verdict);
    }

    /// @inheritdoc IProofVerifier
    function proofSystem() public pure override returns (string memory) {
        return "attestation/reference";
    }

    /// @dev Nobody, when an id is named that was not given out: whoever gets it later must not join old entries.
    function _eligible(uint128 validators) private view returns (uint256) {
        if (validators >> validatorCount != 0) return 0;
        return validators & ~retiredMask;
    }

    function _digestOf(ReferenceVerdict memory verdict) private view returns (bytes32) {
        return _hashTypedDataV4(verdict.hashStruct());
    }
}
