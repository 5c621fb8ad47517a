// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAgentLinks} from "../interfaces/IAgentLinks.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {IErc8004Reputation} from "../interfaces/IErc8004.sol";
import {IFeedbackAdapter} from "../interfaces/IFeedbackAdapter.sol";
import {IJobClosing} from "../interfaces/IJobClosing.sol";
import {Order} from "../types/Order.sol";
import {JobVerdict} from "./JobVerdict.sol";

/// @title FeedbackAdapter
/// @notice Weekly success rates from the state of the mesh. No owner; holds nothing.
contract FeedbackAdapter is IFeedbackAdapter {
    using JobVerdict for IJobClosing.Job;

    /// @notice Length of an epoch.
    uint40 public constant EPOCH_SECONDS = 7 days;

    string private constant TAG1 = "successRate";
    string private constant TAG2 = "week";
    uint256 private constant BPS = 10_000;
    // 1/10,000 are percent with two decimals.
    uint8 private constant RATE_DECIMALS = 2;

    /// @notice The mesh whose jobs are counted.
    IDuckMesh public immutable mesh;
    /// @notice Which agent a provider is.
    IAgentLinks public immutable links;
    /// @notice The registry that gets the feedback.
    IErc8004Reputation public immutable reputation;

    /// @inheritdoc IFeedbackAdapter
    mapping(bytes32 jobId => bool) public isCounted;
    mapping(uint32 providerId => mapping(uint32 epoch => Tally)) private _tallies;
    mapping(uint32 providerId => mapping(uint32 epoch => mapping(address requester => bool))) private _isKnown;

    constructor(IDuckMesh mesh_, IAgentLinks links_, IErc8004Reputation reputation_) {
        mesh = mesh_;
        links = links_;
        reputation = reputation_;
    }

    /// @inheritdoc IFeedbackAdapter
    function countJob(Order calldata order) external {
        // The id is the hash of the order, so its requester is the one that paid.
        bytes32 jobId = mesh.jobIdOf(order);
        IJobClosing.Job memory job = mesh.jobOf(jobId);
        bool isPaid = job.isPaid(jobId);
        uint32 epoch = epochOf(job.at);
        require(block.timestamp <= countUntilOf(epoch), CountingClosed(epoch, countUntilOf(epoch)));
        require(!isCounted[jobId], AlreadyCounted(jobId));
        isCounted[jobId] = true;
        Tally storage tally = _tallies[job.providerId][epoch];
        if (isPaid) ++tally.paidJobs;
        else ++tally.failedJobs;
        mapping(address requester => bool) storage isKnown = _isKnown[job.providerId][epoch];
        if (!isKnown[order.requester]) {
            isKnown[order.requester] = true;
            ++tally.requesters;
        }
        emit JobCounted(jobId, job.providerId, epoch, isPaid);
    }

    /// @inheritdoc IFeedbackAdapter
    function giveFeedback(uint32 providerId, uint32 epoch) external {
        require(block.timestamp > countUntilOf(epoch), CountingOpen(epoch, countUntilOf(epoch)));
        Tally memory tally = _tallies[providerId][epoch];
        uint256 jobs = uint256(tally.paidJobs) + tally.failedJobs;
        require(jobs != 0, NothingCounted(providerId, epoch));
        require(!tally.isGiven, AlreadyGiven(providerId, epoch));
        uint256 agentId = links.agentIdOf(providerId);
        uint256 rateBps = tally.paidJobs * BPS / jobs;
        _tallies[providerId][epoch].isGiven = true;
        emit FeedbackGiven(
            providerId, epoch, agentId, tally.paidJobs, tally.failedJobs, tally.requesters, rateBps
        );
        reputation.giveFeedback(agentId, int128(uint128(rateBps)), RATE_DECIMALS, TAG1, TAG2, "", "", 0);
    }

    /// @inheritdoc IFeedbackAdapter
    function tallyOf(uint32 providerId, uint32 epoch) external view returns (Tally memory) {
        return _tallies[providerId][epoch];
    }

    /// @inheritdoc IFeedbackAdapter
    function epochOf(uint40 timestamp) public pure returns (uint32) {
        return uint32(timestamp / EPOCH_SECONDS);
    }

    /// @inheritdoc IFeedbackAdapter
    function countUntilOf(uint32 epoch) public pure returns (uint64) {
        return (uint64(epoch) + 2) * EPOCH_SECONDS - 1;
    }
}
