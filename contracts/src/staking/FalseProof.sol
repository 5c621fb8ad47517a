// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IFalseProof} from "../interfaces/IFalseProof.sol";
import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {TaskInput} from "../libraries/TaskInput.sol";
import {JobMode} from "../types/JobMode.sol";
import {Order} from "../types/Order.sol";
import {ProofClaim} from "../types/ProofClaim.sol";
import {KeyLiability} from "./KeyLiability.sol";
import {SlashReason} from "./SlashReason.sol";

/// @title FalseProof
/// @notice Objective slash for a signed claim about a proof that does not hold. Part of DuckMeshAccounts.
abstract contract FalseProof is IFalseProof, KeyLiability, Delegated {
    /// @inheritdoc IFalseProof
    function proveFalseProof(
        Order calldata order,
        ProofClaim calldata claim,
        bytes calldata claimSig,
        bytes calldata proof
    ) external delegated nonReentrant {
        bytes32 jobId = _jobIdOf(order);
        uint32 providerId = claim.providerId;
        require(claim.jobId == jobId, WrongClaim(claim.jobId, jobId));
        bytes32 proofHash = keccak256(proof);
        require(proofHash == claim.proofHash, WrongProofBytes(proofHash, claim.proofHash));
        require(!_holds(order, jobId, providerId, claim.outputHash, proof), ProofHolds(jobId, providerId));
        bytes32 claimHash = claim.hashStruct();
        uint96 bondWei = _burnKeys(providerId, claimHash, claimSig, claimHash, claimSig);
        emit FalseProofProven(jobId, providerId, msg.sender, bondWei);
        _divide(order.requester, providerId, jobId, SlashReason.FALSE_PROOF, bondWei);
    }

    /// @dev Asks the router, not the agent verifier: that one judges a task once, and a job may be proven by another
    ///      provider meanwhile.
    function _holds(
        Order calldata order,
        bytes32 jobId,
        uint32 providerId,
        bytes32 outputHash,
        bytes calldata proof
    ) private view returns (bool valid) {
        bool isServed = order.mode == JobMode.PROOF && address(_agentVerifier) != address(0);
        require(isServed, IJobMarket.UnsupportedMode(order.mode));
        bytes32 inputHash = keccak256(abi.encode(order.modelId, order.inputHash, order.policy));
        bytes32 taskInput = TaskInput.bind(jobId, bytes32(uint256(providerId)), inputHash);
        (valid,) = _agentVerifier.router().verify(bytes4(order.policy), taskInput, outputHash, proof);
    }
}
