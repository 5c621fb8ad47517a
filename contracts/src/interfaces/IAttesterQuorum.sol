// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {KeyAttestation} from "../types/KeyAttestation.sol";
import {IAttestationVerifier} from "./IAttestationVerifier.sol";

/// @title IAttesterQuorum
/// @notice Takes the word of named attesters about an enclave's quote. The evidence is
///         abi.encode(KeyAttestation, AttesterSignature[]).
/// @dev Warning: no quote is verified on chain. What is proven is that m of n named keys signed the statement; whoever
///      holds m of them can attest any key. quoteHash lets anybody compare a published quote with what was signed. The
///      attesters never change: others are another deployment, and their measurements have other ids in the registry.
interface IAttesterQuorum is IAttestationVerifier {
    /// @notice One attester's EIP-712 signature over the KeyAttestation, in the form of EIP-2098.
    struct AttesterSignature {
        uint8 attesterId; // place in the list of attesters
        bytes32 r;
        bytes32 vs;
    }

    /// @notice There are no attesters or more than the contract takes.
    error BadAttesterCount(uint256 have, uint256 max);
    /// @notice Attesters must ascend, so none is zero or named twice.
    error AttestersNotAscending(address attester);
    /// @notice A quorum is more than half of the attesters and not more than all.
    error BadQuorum(uint256 have, uint256 attesters);
    /// @notice Fewer signatures than the quorum.
    error NoQuorum(uint256 have, uint256 need);
    /// @notice No such attester, or it signed twice.
    error UnexpectedAttester(uint8 attesterId);
    /// @notice The signature is not the attester's, or malformed.
    error BadAttesterSignature(uint8 attesterId);

    /// @notice Number of signatures that are enough.
    function quorum() external view returns (uint8);

    /// @notice The attesters; ids are places in this list.
    function attesters() external view returns (address[] memory);

    /// @notice What an attester signs.
    function digestOf(KeyAttestation calldata attestation) external view returns (bytes32);
}
