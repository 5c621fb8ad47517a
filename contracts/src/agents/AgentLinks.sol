// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentLinks} from "../interfaces/IAgentLinks.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {IErc8004Identity} from "../interfaces/IErc8004.sol";

/// @title AgentLinks
/// @notice Providers of one mesh and agents of one identity registry. No owner; holds nothing.
contract AgentLinks is IAgentLinks {
    /// @notice The mesh whose providers are linked.
    IDuckMesh public immutable mesh;
    /// @notice The registry whose agents are linked.
    IErc8004Identity public immutable identity;

    // A link is there when both sides name each other, so it ends when one side is cleared or names another. The first
    // agent of a registry is 0, like the value of an empty slot; no provider is 0.
    mapping(uint32 providerId => uint256 agentId) private _agentOf;
    mapping(uint256 agentId => uint32 providerId) private _providerOf;

    constructor(IDuckMesh mesh_, IErc8004Identity identity_) {
        mesh = mesh_;
        identity = identity_;
    }

    /// @inheritdoc IAgentLinks
    function link(uint32 providerId, uint256 agentId) external {
        require(msg.sender == _ownerOf(providerId), NotProviderOwner(providerId, msg.sender));
        require(_holds(msg.sender, agentId), NotAgentOwner(agentId, msg.sender));
        require(!_isLinked(providerId), AlreadyLinked(providerId, _agentOf[providerId]));
        uint32 before = _providerOf[agentId];
        if (before != 0) {
            require(_isStale(before, agentId), AgentTaken(agentId, before));
            emit AgentUnlinked(before, agentId);
        }
        _agentOf[providerId] = agentId;
        _providerOf[agentId] = providerId;
        emit AgentLinked(providerId, agentId);
    }

    /// @inheritdoc IAgentLinks
    function unlink(uint32 providerId) external {
        uint256 agentId = _linked(providerId);
        require(
            msg.sender == _ownerOf(providerId) || _isStale(providerId, agentId),
            NotProviderOwner(providerId, msg.sender)
        );
        // One side is enough.
        delete _providerOf[agentId];
        emit AgentUnlinked(providerId, agentId);
    }

    /// @inheritdoc IAgentLinks
    function agentIdOf(uint32 providerId) external view returns (uint256 agentId) {
        agentId = _linked(providerId);
        require(!_isStale(providerId, agentId), StaleLink(providerId, agentId));
    }

    /// @inheritdoc IAgentLinks
    function providerIdOf(uint256 agentId) external view returns (uint32 providerId) {
        providerId = _providerOf[agentId];
        if (providerId != 0 && _isStale(providerId, agentId)) providerId = 0;
    }

    /// @inheritdoc IAgentLinks
    function linkOf(uint32 providerId) external view returns (bool isLinked, bool isStale, uint256 agentId) {
        isLinked = _isLinked(providerId);
        if (!isLinked) return (false, false, 0);
        agentId = _agentOf[providerId];
        isStale = _isStale(providerId, agentId);
    }

    function _isLinked(uint32 providerId) private view returns (bool) {
        return providerId != 0 && _providerOf[_agentOf[providerId]] == providerId;
    }

    function _linked(uint32 providerId) private view returns (uint256) {
        require(_isLinked(providerId), NotLinked(providerId));
        return _agentOf[providerId];
    }

    /// @dev The owner of a provider never changes, so only the agent can go.
    function _isStale(uint32 providerId, uint256 agentId) private view returns (bool) {
        return !_holds(_ownerOf(providerId), agentId);
    }

    function _ownerOf(uint32 providerId) private view returns (address) {
        return mesh.providerOf(providerId).owner;
    }

    /// @dev A registry reverts for an agent that is not there (any more): nobody holds it then.
    function _holds(address account, uint256 agentId) private view returns (bool) {
        try identity.ownerOf(agentId) returns (address owner) {
            return account == owner || account == identity.getAgentWallet(agentId);
        } catch {
            return false;
        }
    }
}
