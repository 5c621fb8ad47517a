// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    IAgentProofProfile,
    IAgentVerifiable,
    IAgentVerifier,
    IProofVerifier
} from "../../src/interfaces/IErc8274.sol";

/// @notice Test only: what one call of a verifier costs without its transaction, and what the compiler says of ERC-8274.
contract VerifierMeter {
    function measure(
        IProofVerifier verifier,
        bytes32 inputHash,
        bytes32 outputHash,
        bytes calldata metadata,
        bytes calldata proof
    ) external returns (bool valid, uint256 gasUsed) {
        uint256 before = gasleft();
        valid = verifier.verify(inputHash, outputHash, metadata, proof);
        gasUsed = before - gasleft();
    }

    function interfaceIds() external pure returns (bytes4, bytes4, bytes4, bytes4) {
        return (
            type(IProofVerifier).interfaceId,
            type(IAgentVerifier).interfaceId,
            type(IAgentProofProfile).interfaceId,
            type(IAgentVerifiable).interfaceId
        );
    }

    function topics() external pure returns (bytes32, bytes32) {
        return (IAgentVerifier.VerificationCompleted.selector, IAgentVerifiable.AgentVerifierUpdated.selector);
    }
}
