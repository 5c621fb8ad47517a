// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IAgentLinks
/// @notice Which provider of the mesh is which agent of an ERC-8004 identity registry. One agent for a provider, one
///         provider for an agent. A link counts as long as the owner of the provider owns the agent or is its wallet.
interface IAgentLinks {
    event AgentLinked(uint32 indexed providerId, uint256 indexed agentId);
    event AgentUnlinked(uint32 indexed providerId, uint256 indexed agentId);

    /// @notice The caller does not own the provider, and the link is not stale.
    error NotProviderOwner(uint32 providerId, address caller);
    /// @notice The caller neither owns the agent nor is its wallet.
    error NotAgentOwner(uint256 agentId, address caller);
    /// @notice The provider has a link, which may be stale; it is unlinked first.
    error AlreadyLinked(uint32 providerId, uint256 agentId);
    /// @notice Another provider is linked with the agent, and its owner still owns the agent or is its wallet.
    error AgentTaken(uint256 agentId, uint32 providerId);
    /// @notice The provider has no link.
    error NotLinked(uint32 providerId);
    /// @notice The agent went to somebody else after it was linked.
    error StaleLink(uint32 providerId, uint256 agentId);

    /// @notice Links the caller's provider with the caller's agent. A stale link of the agent is replaced.
    function link(uint32 providerId, uint256 agentId) external;

    /// @notice Ends a link. For the owner of the provider, and for anybody when the link is stale.
    function unlink(uint32 providerId) external;

    /// @notice The agent that the provider is now. Reverts when there is none or the link is stale.
    /// @dev Warning: a link is stale exactly while the agent is in other hands; it counts again when the agent returns.
    function agentIdOf(uint32 providerId) external view returns (uint256 agentId);

    /// @notice The provider that the agent is now; zero when there is none or the link is stale.
    function providerIdOf(uint256 agentId) external view returns (uint32 providerId);

    /// @notice The link as it is stored.
    /// @return isLinked false when there is no link; 0 is an agent like any other
    /// @return isStale the agent is in other hands
    function linkOf(uint32 providerId) external view returns (bool isLinked, bool isStale, uint256 agentId);
}
