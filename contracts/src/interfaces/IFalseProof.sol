// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";
import {ProofClaim} from "../types/ProofClaim.sol";

/// @title IFalseProof
/// @notice Slash of a provider that signed that a proof holds which does not. The verifier of the order judges it: no
///         arbitrator. An order that is delivered on chain needs none of this, since a false proof is not taken there.
interface IFalseProof {
    /// @param bondWei lost by this proof: half burned, a quarter to the reporter, the rest to the requester; zero when all
    ///        stake was locked
    event FalseProofProven(
        bytes32 indexed jobId, uint32 indexed providerId, address indexed reporter, uint96 bondWei
    );

    /// @notice The claim is about another job.
    error WrongClaim(bytes32 claimJobId, bytes32 jobId);
    /// @notice These are not the bytes that the claim is about.
    error WrongProofBytes(bytes32 proofHash, bytes32 claimedHash);
    /// @notice The proof shows what was claimed.
    error ProofHolds(bytes32 jobId, uint32 providerId);

    /// @notice Slashes the bond of a provider whose signed claim is about a proof that its verifier refuses. Anybody may
    ///         call; the caller is the reporter. Bond and key as in IKeyLiability, parts as in IEquivocation.
    /// @dev For orders of mode PROOF alone. A selector that is unknown or tombstoned judges nothing: the call reverts.
    ///      Warning for providers: sign claims only for verifiers that answer the same for ever. Groth16 does; a verifier
    ///      that asks who is a validator today does not.
    /// @param order the job; its policy names the verifier, its requester gets a part
    /// @param proof the bytes of the claim, without the selector, as submitProof takes them
    function proveFalseProof(
        Order calldata order,
        ProofClaim calldata claim,
        bytes calldata claimSig,
        bytes calldata proof
    ) external;
}
