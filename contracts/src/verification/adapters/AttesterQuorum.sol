// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAttestationVerifier} from "../../interfaces/IAttestationVerifier.sol";
import {IAttesterQuorum} from "../../interfaces/IAttesterQuorum.sol";
import {Signatures} from "../../libraries/Signatures.sol";
import {KeyAttestation} from "../../types/KeyAttestation.sol";

/// @title AttesterQuorum
/// @notice m-of-n signatures of named attesters in place of an on-chain check of quotes. No owner, nothing changes.
contract AttesterQuorum is IAttesterQuorum, EIP712 {
    uint256 internal constant MAX_ATTESTERS = 32;

    /// @inheritdoc IAttesterQuorum
    uint8 public immutable quorum;

    address[] private _attesters;

    /// @param attesters_ in ascending order
    constructor(address[] memory attesters_, uint8 quorum_) EIP712("DuckMesh AttesterQuorum", "1") {
        uint256 count = attesters_.length;
        require(count != 0 && count <= MAX_ATTESTERS, BadAttesterCount(count, MAX_ATTESTERS));
        require(2 * uint256(quorum_) > count && quorum_ <= count, BadQuorum(quorum_, count));
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            require(attesters_[i] > previous, AttestersNotAscending(attesters_[i]));
            previous = attesters_[i];
        }
        quorum = quorum_;
        _attesters = attesters_;
    }

    /// @inheritdoc IAttestationVerifier
    function verify(bytes calldata evidence)
        external
        view
        returns (address key, bytes32 measurement, uint40 expiresAt, bytes32 nonce)
    {
        (KeyAttestation memory attestation, AttesterSignature[] memory signatures) =
            abi.decode(evidence, (KeyAttestation, AttesterSignature[]));
        require(signatures.length >= quorum, NoQuorum(signatures.length, quorum));
        _requireSigned(_digestOf(attestation), signatures);
        return (attestation.enclaveKey, attestation.measurement, attestation.expiresAt, attestation.nonce);
    }

    /// @inheritdoc IAttesterQuorum
    function attesters() external view returns (address[] memory) {
        return _attesters;
    }

    /// @inheritdoc IAttesterQuorum
    function digestOf(KeyAttestation calldata attestation) external view returns (bytes32) {
        return _digestOf(attestation);
    }

    function _requireSigned(bytes32 digest, AttesterSignature[] memory signatures) private view {
        uint256 unheard = (1 << _attesters.length) - 1;
        for (uint256 i = 0; i < signatures.length; ++i) {
            uint8 id = signatures[i].attesterId;
            uint256 bit = 1 << id;
            require(unheard & bit != 0, UnexpectedAttester(id));
            unheard ^= bit;
            address signer = Signatures.recoverCompact(digest, signatures[i].r, signatures[i].vs);
            require(signer == _attesters[id], BadAttesterSignature(id));
        }
    }

    function _digestOf(KeyAttestation memory attestation) private view returns (bytes32) {
        return _hashTypedDataV4(attestation.hashStruct());
    }
}
