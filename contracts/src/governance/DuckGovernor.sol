// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {DuckToken} from "../token/DuckToken.sol";
import {DuckTimelock} from "./DuckTimelock.sol";

/// @title DuckGovernor
/// @notice Votes of DUCK holders, queued in a {DuckTimelock} that the governor deploys itself.
/// @dev Times are unix seconds, as the token counts them. Warning: only delegated DUCK votes, to oneself included, and
///      DUCK inside a mesh is not delegated: stakes and deposits have no vote, but are part of the supply from which
///      the quorum is taken.
contract DuckGovernor is
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorTimelockControl
{
    /// @param token_ counts the votes
    /// @param votingDelaySeconds from proposing to the snapshot of the votes
    /// @param votingPeriodSeconds from the snapshot to the last vote
    /// @param proposalThresholdWei votes needed to propose, in DUCK wei
    /// @param quorumPercent votes for or abstaining that are needed, in 1/100 of the supply at the snapshot
    /// @param timelockSeconds see {DuckTimelock}
    constructor(
        DuckToken token_,
        uint48 votingDelaySeconds,
        uint32 votingPeriodSeconds,
        uint256 proposalThresholdWei,
        uint256 quorumPercent,
        uint256 timelockSeconds
    )
        Governor("DuckGovernor")
        GovernorSettings(votingDelaySeconds, votingPeriodSeconds, proposalThresholdWei)
        GovernorVotes(token_)
        GovernorVotesQuorumFraction(quorumPercent)
        // Deployed here, it is born with its roles, and nobody has to be trusted to hand them over.
        GovernorTimelockControl(new DuckTimelock(address(this), timelockSeconds))
    {}

    /// @inheritdoc Governor
    function state(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (ProposalState)
    {
        return super.state(proposalId);
    }

    /// @inheritdoc Governor
    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    /// @inheritdoc Governor
    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
