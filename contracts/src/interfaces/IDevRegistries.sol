// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IDevRegistries
/// @notice Errors of the ERC-8004 registries for development chains. The standard names none.
interface IDevRegistries {
    /// @notice The key "agentWallet" is set by {IErc8004Identity-setAgentWallet} only.
    error ReservedKey();
    /// @notice The zero address can consent to nothing.
    error ZeroWallet();
    /// @notice The consent counted until `deadline`, or would count for too long from now.
    error BadDeadline(uint256 deadline);
    /// @notice The new wallet did not sign.
    error BadWalletSignature(address newWallet);
    /// @notice The caller is neither owner nor operator of the agent.
    error NotOperator(uint256 agentId, address caller);
    /// @notice Owners and operators of an agent give no feedback about it.
    error OwnAgent(uint256 agentId, address caller);
    /// @notice A fixed-point number has 0..18 decimals.
    error TooManyDecimals(uint8 decimals);
    /// @notice There is no such feedback.
    error UnknownFeedback(uint256 agentId, address client, uint64 feedbackIndex);
    /// @notice The feedback was taken back before.
    error AlreadyRevoked(uint256 agentId, address client, uint64 feedbackIndex);
    /// @notice A summary needs to know whose feedback counts.
    error NoClients();
    /// @notice The read goes through more entries than a read may.
    error TooManyEntries(uint256 have, uint256 max);
    /// @notice A request names a validator.
    error ZeroValidator();
    /// @notice The hash names a request already.
    error RequestExists(bytes32 requestHash);
    /// @notice The hash names no request.
    error UnknownRequest(bytes32 requestHash);
    /// @notice The request is for another validator.
    error NotValidator(bytes32 requestHash, address caller);
    /// @notice A response is 0..100.
    error BadResponse(uint8 response);
}
