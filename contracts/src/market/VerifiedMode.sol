// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IAgentVerifiable, IAgentVerifier} from "../interfaces/IErc8274.sol";
import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IVerifiedMode} from "../interfaces/IVerifiedMode.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {JobMode} from "../types/JobMode.sol";
import {JobStatus, JobWord, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";
import {JobStore} from "./JobStore.sol";

/// @title VerifiedMode
/// @notice Jobs that a checked proof pays at once. Part of DuckMeshJobs.
abstract contract VerifiedMode is IVerifiedMode, IAgentVerifiable, JobStore, Delegated {
    using JobMode for uint8;

    /// @inheritdoc IVerifiedMode
    function submitProof(Order calldata order, bytes32 outputHash, bytes calldata proof)
        external
        delegated
        nonReentrant
    {
        bytes32 jobId = _jobIdOf(order);
        JobWord word = _jobs[jobId];
        uint8 status = word.status();
        uint32 providerId = word.providerId();
        if (status == JobStatus.ACTIVE) {
            _requireOperator(providerId);
            _requireNotAfter(word.dueAt());
            emit IJobMarket.JobCompleted(jobId, providerId, outputHash);
        } else {
            require(status == JobStatus.SUBMITTED, IJobMarket.BadState(jobId, status));
            require(JobWordLib.outputTagOf(outputHash) == word.outputTag(), OtherOutput(jobId, outputHash));
        }
        _verify(order, jobId, providerId, outputHash, proof);
        _finalize(order, jobId, providerId, outputHash);
    }

    /// @inheritdoc IVerifiedMode
    function settleProof(
        Order calldata order,
        bytes calldata orderSig,
        uint32 providerId,
        bytes32 outputHash,
        bytes calldata proof
    ) external delegated nonReentrant {
        bytes32 jobId = _jobIdOf(order);
        _requireOperator(providerId);
        _activeKeyOf(providerId);
        uint32 named = order.providerId;
        require(named == 0 || named == providerId, IJobMarket.WrongProvider(providerId, named));
        uint256 settleBy = uint256(order.acceptBy) + order.execWindow;
        require(block.timestamp <= settleBy, ILedger.Expired(uint40(settleBy)));
        require(Signatures.isValid(order.requester, jobId, orderSig), ILedger.BadSignature(order.requester));
        _useNonce(order.requester, order.nonce);
        _debit(order.requester, order.priceWei);
        _verify(order, jobId, providerId, outputHash, proof);
        _earn(providerId, order.priceWei);
        emit ProofSettled(jobId, providerId, order.priceWei, outputHash);
    }

    /// @inheritdoc IAgentVerifiable
    function getAgentVerifier() external view returns (IAgentVerifier) {
        return _agentVerifier;
    }

    /// @dev The verifier is told the job and the provider, so a proof seen in the mempool serves nobody else.
    function _verify(
        Order calldata order,
        bytes32 jobId,
        uint32 providerId,
        bytes32 outputHash,
        bytes calldata proof
    ) private {
        require(order.mode.isVerified(), IJobMarket.UnsupportedMode(order.mode));
        require(address(_agentVerifier) != address(0), IJobMarket.UnsupportedMode(order.mode));
        (bool valid,) = _agentVerifier.verify(
            jobId,
            bytes32(uint256(providerId)),
            keccak256(abi.encode(order.modelId, order.inputHash, order.policy)),
            outputHash,
            abi.encodePacked(bytes4(order.policy), proof)
        );
        require(valid, BadProof(jobId, providerId));
    }
}
