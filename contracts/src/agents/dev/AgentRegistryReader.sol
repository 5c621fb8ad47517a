// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDevRegistries} from "../../interfaces/IDevRegistries.sol";
import {IErc8004Identity} from "../../interfaces/IErc8004.sol";

/// @title AgentRegistryReader
/// @notice What the development registries of feedback and validations share: whose agent it is, and how much a read
///         may go through.
abstract contract AgentRegistryReader is IDevRegistries {
    /// @notice Entries that one read goes through at most. Cutting the rest off would make a summary a lie, so a longer
    ///         read reverts.
    uint256 public constant MAX_ENTRIES = 1_000;

    IErc8004Identity internal immutable identity;

    constructor(IErc8004Identity identity_) {
        identity = identity_;
    }

    /// @dev Reverts for an unknown agent.
    function _isOperator(uint256 agentId, address account) internal view returns (bool) {
        address owner = identity.ownerOf(agentId);
        return account == owner || identity.isApprovedForAll(owner, account)
            || identity.getApproved(agentId) == account;
    }

    function _requireReadable(uint256 entries) internal pure {
        require(entries <= MAX_ENTRIES, TooManyEntries(entries, MAX_ENTRIES));
    }

    /// @dev No accounts in the filter match every account.
    function _matches(address[] memory filter, address account) internal pure returns (bool) {
        for (uint256 i = 0; i < filter.length; ++i) {
            if (filter[i] == account) return true;
        }
        return filter.length == 0;
    }

    /// @dev An empty filter matches every tag.
    function _matches(string memory filter, string memory tag) internal pure returns (bool) {
        return bytes(filter).length == 0 || keccak256(bytes(filter)) == keccak256(bytes(tag));
    }
}
