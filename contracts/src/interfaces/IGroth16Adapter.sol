// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofVerifier} from "./IErc8274.sol";
import {IGroth16Verifier} from "./IGroth16Verifier.sol";

/// @title IGroth16Adapter
/// @notice Groth16 as a proof system of ERC-8274, for models whose weights are constants of their circuit.
/// @dev Proof bytes: abi.encode(bytes32 taskId, bytes32 agentId, bytes32 modelId, bytes32 requestInputHash,
///      bytes32 policy, uint256[8] proof, uint256[] results, uint256[] request).
///
///      The public signals of the circuit are results, then request, then one context:
///      - outputHash = keccak256(abi.encode(results))
///      - requestInputHash = keccak256(abi.encode(request)): what the requester signed, for example a commitment to the
///        input. Its length is in the preimage, so nobody can move the border between results and request.
///      - context = the high 248 bits of keccak256(abi.encode(taskId, agentId)). The circuit only has to square it. A
///        proof is then worth nothing to another provider, for another job, or on another chain.
///      - modelId is the id of the verifying key (see IGroth16Keys), so the order names circuit and weights.
///
///      False, not a revert, is the answer to every well-formed claim that does not hold. Bytes of another form,
///      unknown keys, wrong counts of signals and too little gas revert.
///      Warning: a circuit that computes a commitment to the request as an output declares it after its results.
///      Warning: `metadata` has no meaning here.
///      Warning: needs 410,000 gas and 8,000 for each signal, of which about half comes back (see IGroth16Verifier).
///      A router that takes a revert for `false` must be able to give that: 1,000,000 serve every key.
interface IGroth16Adapter is IProofVerifier {
    /// @notice The verifier that holds the keys.
    function verifier() external view returns (IGroth16Verifier);
}
