// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentLinks} from "../interfaces/IAgentLinks.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {IErc8004Validation} from "../interfaces/IErc8004.sol";
import {IJobClosing} from "../interfaces/IJobClosing.sol";
import {IValidationAdapter} from "../interfaces/IValidationAdapter.sol";
import {JobVerdict} from "./JobVerdict.sol";

/// @title ValidationAdapter
/// @notice Answers validation requests from the state of the mesh. No owner; holds nothing.
contract ValidationAdapter is IValidationAdapter {
    using JobVerdict for IJobClosing.Job;

    uint8 private constant PASSED = 100;
    uint8 private constant FAILED = 0;
    string private constant TAG = "duckmesh";
    // Low bits of an output hash that a job word does not keep.
    uint256 private constant LOST_BITS = 88;

    /// @notice The mesh whose jobs are judged.
    IDuckMesh public immutable mesh;
    /// @notice Which agent a provider is.
    IAgentLinks public immutable links;
    /// @notice The registry that is answered.
    IErc8004Validation public immutable validations;

    /// @inheritdoc IValidationAdapter
    mapping(bytes32 jobId => bytes32 requestHash) public answeredRequestOf;

    constructor(IDuckMesh mesh_, IAgentLinks links_, IErc8004Validation validations_) {
        mesh = mesh_;
        links = links_;
        validations = validations_;
    }

    /// @inheritdoc IValidationAdapter
    function respond(bytes32 jobId, bytes32 salt) external returns (uint8 response) {
        IJobClosing.Job memory job = mesh.jobOf(jobId);
        response = job.isPaid(jobId) ? PASSED : FAILED;
        uint256 agentId = links.agentIdOf(job.providerId);
        bytes32 requestHash = requestHashOf(jobId, agentId, salt);
        bytes32 answered = answeredRequestOf[jobId];
        // A terminal state never changes, so neither does the answer.
        if (answered == requestHash) return response;
        require(answered == 0, AlreadyAnswered(jobId, answered));
        _requireOurs(requestHash, agentId);
        answeredRequestOf[jobId] = requestHash;
        emit JobValidated(jobId, agentId, requestHash, response);
        bytes32 responseHash = bytes32(uint256(job.tag) << LOST_BITS);
        validations.validationResponse(requestHash, response, "", responseHash, TAG);
    }

    /// @inheritdoc IValidationAdapter
    function requestHashOf(bytes32 jobId, uint256 agentId, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(mesh, jobId, agentId, salt));
    }

    /// @dev The registry gives a hash to whoever brings it first, for any agent: without this check the answer could
    ///      count for an agent that never had the job.
    function _requireOurs(bytes32 requestHash, uint256 agentId) private view {
        (address validator, uint256 requestAgentId,,,,) = validations.getValidationStatus(requestHash);
        require(
            validator == address(this) && requestAgentId == agentId,
            WrongRequest(requestHash, validator, requestAgentId)
        );
    }
}
