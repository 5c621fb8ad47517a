// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IValidationAdapter
/// @notice The mesh as a validator of ERC-8004: an agent asks for the validation of a job, and the adapter answers with
///         what the mesh stored. It believes nobody: who calls it decides only when, not what.
///
///         How an agent asks: validationRequest(adapter, agentId, requestURI, requestHashOf(jobId, agentId, salt)).
interface IValidationAdapter {
    /// @param response 100 paid, 0 late or dispute lost
    event JobValidated(bytes32 indexed jobId, uint256 indexed agentId, bytes32 requestHash, uint8 response);

    /// @notice Somebody put this hash into the registry for another agent or another validator. Ask with another salt.
    error WrongRequest(bytes32 requestHash, address validator, uint256 agentId);
    /// @notice The job was answered for another request: of the same agent, or of one that its provider was before.
    error AlreadyAnswered(bytes32 jobId, bytes32 requestHash);

    /// @notice Answers the request about a closed job of the on-chain lane, for the agent that its provider is now.
    ///         Anybody may call. A second call for the same request changes nothing.
    /// @dev responseHash is the output hash as far as the mesh keeps it: its high 168 bits, then zeros. A job counts for
    ///      one request only, so one job cannot speak for two agents.
    ///      Warning: 100 says that a provider was paid and nobody won a dispute, which a provider that buys from itself
    ///      can have for the fee. It is no proof of demand. And agents choose which jobs to ask about, so an average of
    ///      answers is no success rate.
    /// @param salt as in the request hash
    /// @return response 100 paid, 0 late or dispute lost
    function respond(bytes32 jobId, bytes32 salt) external returns (uint8 response);

    /// @notice Name of a request: keccak256(abi.encode(mesh, jobId, agentId, salt)).
    /// @param salt free. The registry gives a hash to whoever brings it first; a salt that nobody knew cannot be
    ///        taken before.
    function requestHashOf(bytes32 jobId, uint256 agentId, bytes32 salt) external view returns (bytes32);

    /// @notice The request that the job was answered for; zero when there is none yet.
    function answeredRequestOf(bytes32 jobId) external view returns (bytes32);
}
