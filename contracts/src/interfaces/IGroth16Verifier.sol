// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGroth16Keys} from "./IGroth16Keys.sol";

/// @title IGroth16Verifier
/// @notice Checks Groth16 proofs over BN254 for any registered key, one by one or many at once.
/// @dev A proof is 8 words: A (2), B (4), C (2). In B the imaginary part of a coordinate comes first (EIP-197), which
///      is the reverse of snarkjs' proof.json.
///      Warning: proofs can be changed into other valid proofs of the same statement, for example by negating A and B.
///      Never use a proof or its hash as an id.
///      Warning: a proof says nothing about who made it. Bind the prover and the task in a public input.
interface IGroth16Verifier is IGroth16Keys {
    /// @notice The number of words is not `proofs` times the number of inputs of the key.
    error WrongInputCount(uint256 have, uint256 want);
    /// @notice A batch has 1 to 64 proofs.
    error BadBatchSize(uint256 proofs);
    /// @notice Less gas than the check may need. Without this error a caller could make a valid proof look false.
    error NotEnoughGas(uint256 have, uint256 want);
    /// @notice A curve operation failed on checked points: too little gas, or the chain has raised its price over
    ///         twofold.
    error CurveCallFailed();

    /// @notice True when the proof holds for the inputs. False for inputs not below the group order, coordinates out of
    ///         the field, points off the curve or outside the group, zero points, and proofs that do not hold.
    /// @dev The pairing is given twice its price. Send at least 390,000 gas and 7,000 for each input; a proof that is
    ///      checked to the end uses about half of it. A point B off the twist or outside its group is found only by the
    ///      pairing, which then keeps all of it: the most that garbage can cost.
    /// @param keyId a registered key; reverts when unknown
    /// @param proof A, B, C
    /// @param inputs public inputs in the order of the circuit: outputs first; reverts when too many or too few
    function verify(bytes32 keyId, uint256[8] calldata proof, uint256[] calldata inputs) external view returns (bool);

    /// @notice True when all proofs hold, all under one key. Checks one random linear combination of them, so that they
    ///         share three of four pairings. A false statement passes with probability 2^-128.
    /// @dev Send at least 330,000 gas, 85,000 for each proof and 7,000 for each input of the circuit.
    ///      Warning: one bad proof makes the whole batch false and does not say where it is. Screen off chain first.
    /// @param keyId a registered key; reverts when unknown
    /// @param proofs 1 to 64 proofs
    /// @param inputs the public inputs of all proofs, one after another
    function verifyBatch(bytes32 keyId, uint256[8][] calldata proofs, uint256[] calldata inputs)
        external
        view
        returns (bool);
}
