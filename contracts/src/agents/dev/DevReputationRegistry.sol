// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IErc8004Identity, IErc8004Reputation} from "../../interfaces/IErc8004.sol";
import {AgentRegistryReader} from "./AgentRegistryReader.sol";

/// @title DevReputationRegistry
/// @notice ERC-8004 feedback for development chains.
/// @dev Feedback and responses of an agent are two plain lists, and reads go through them: easy to see, dear at scale.
contract DevReputationRegistry is IErc8004Reputation, AgentRegistryReader {
    uint8 private constant MAX_DECIMALS = 18;

    struct Feedback {
        address client; // slot 0
        uint64 index; //           counts the feedback of one client, from 1
        uint8 valueDecimals;
        bool isRevoked;
        int128 value; // slot 1
        string tag1; // slot 2
        string tag2; // slot 3
    }

    struct Response {
        address client; // slot 0: of the feedback it answers
        uint64 index; //           of the feedback it answers
        address responder; // slot 1
    }

    mapping(uint256 agentId => Feedback[]) private _feedback;
    mapping(uint256 agentId => Response[]) private _responses;
    mapping(uint256 agentId => address[]) private _clients;
    // Where in _feedback the entries of one client are.
    mapping(uint256 agentId => mapping(address client => uint256[] positions)) private _positions;

    constructor(IErc8004Identity identity_) AgentRegistryReader(identity_) {}

    /// @inheritdoc IErc8004Reputation
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external {
        require(valueDecimals <= MAX_DECIMALS, TooManyDecimals(valueDecimals));
        require(!_isOperator(agentId, msg.sender), OwnAgent(agentId, msg.sender));
        uint256[] storage positions = _positions[agentId][msg.sender];
        if (positions.length == 0) _clients[agentId].push(msg.sender);
        positions.push(_feedback[agentId].length);
        uint64 index = uint64(positions.length);
        _feedback[agentId].push(Feedback(msg.sender, index, valueDecimals, false, value, tag1, tag2));
        emit NewFeedback(
            agentId, msg.sender, index, value, valueDecimals, tag1, tag1, tag2, endpoint, feedbackURI, feedbackHash
        );
    }

    /// @inheritdoc IErc8004Reputation
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external {
        Feedback storage feedback = _known(agentId, msg.sender, feedbackIndex);
        require(!feedback.isRevoked, AlreadyRevoked(agentId, msg.sender, feedbackIndex));
        feedback.isRevoked = true;
        emit FeedbackRevoked(agentId, msg.sender, feedbackIndex);
    }

    /// @inheritdoc IErc8004Reputation
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external {
        _known(agentId, clientAddress, feedbackIndex);
        _responses[agentId].push(Response(clientAddress, feedbackIndex, msg.sender));
        emit ResponseAppended(agentId, clientAddress, feedbackIndex, msg.sender, responseURI, responseHash);
    }

    /// @inheritdoc IErc8004Reputation
    function getIdentityRegistry() external view returns (address) {
        return address(identity);
    }

    /// @inheritdoc IErc8004Reputation
    /// @dev The average has the most decimals that any of its values has, and is rounded towards zero.
    function getSummary(uint256 agentId, address[] calldata clientAddresses, string calldata tag1, string calldata tag2)
        external
        view
        returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals)
    {
        require(clientAddresses.length != 0, NoClients());
        uint256[] memory found = _find(agentId, clientAddresses, tag1, tag2, false);
        // 1,000 values below 2^127 with 18 decimals more stay below 2^197.
        int256 sum = 0;
        for (uint256 i = 0; i < found.length; ++i) {
            Feedback storage f = _feedback[agentId][found[i]];
            sum += int256(f.value) * int256(10 ** (MAX_DECIMALS - f.valueDecimals));
            if (f.valueDecimals > summaryValueDecimals) summaryValueDecimals = f.valueDecimals;
        }
        count = uint64(found.length);
        if (count == 0) return (0, 0, 0);
        int256 scale = int256(10 ** (MAX_DECIMALS - summaryValueDecimals));
        summaryValue = SafeCast.toInt128(sum / int256(found.length) / scale);
    }

    /// @inheritdoc IErc8004Reputation
    function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)
        external
        view
        returns (int128, uint8, string memory, string memory, bool)
    {
        Feedback storage f = _known(agentId, clientAddress, feedbackIndex);
        return (f.value, f.valueDecimals, f.tag1, f.tag2, f.isRevoked);
    }

    /// @inheritdoc IErc8004Reputation
    function readAllFeedback(
        uint256 agentId,
        address[] calldata clientAddresses,
        string calldata tag1,
        string calldata tag2,
        bool includeRevoked
    )
        external
        view
        returns (
            address[] memory clients,
            uint64[] memory feedbackIndexes,
            int128[] memory values,
            uint8[] memory valueDecimals,
            string[] memory tag1s,
            string[] memory tag2s,
            bool[] memory revokedStatuses
        )
    {
        uint256[] memory found = _find(agentId, clientAddresses, tag1, tag2, includeRevoked);
        clients = new address[](found.length);
        feedbackIndexes = new uint64[](found.length);
        values = new int128[](found.length);
        valueDecimals = new uint8[](found.length);
        tag1s = new string[](found.length);
        tag2s = new string[](found.length);
        revokedStatuses = new bool[](found.length);
        for (uint256 i = 0; i < found.length; ++i) {
            Feedback storage f = _feedback[agentId][found[i]];
            clients[i] = f.client;
            feedbackIndexes[i] = f.index;
            values[i] = f.value;
            valueDecimals[i] = f.valueDecimals;
            tag1s[i] = f.tag1;
            tag2s[i] = f.tag2;
            revokedStatuses[i] = f.isRevoked;
        }
    }

    /// @inheritdoc IErc8004Reputation
    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count) {
        Response[] storage responses = _responses[agentId];
        _requireReadable(responses.length);
        for (uint256 i = 0; i < responses.length; ++i) {
            Response storage r = responses[i];
            bool isMeant = (clientAddress == address(0) || r.client == clientAddress)
                && (feedbackIndex == 0 || r.index == feedbackIndex) && _matches(responders, r.responder);
            if (isMeant) ++count;
        }
    }

    /// @inheritdoc IErc8004Reputation
    function getClients(uint256 agentId) external view returns (address[] memory) {
        return _clients[agentId];
    }

    /// @inheritdoc IErc8004Reputation
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64) {
        return uint64(_positions[agentId][clientAddress].length);
    }

    /// @dev Positions of the feedback that passes all filters.
    function _find(
        uint256 agentId,
        address[] memory clients,
        string memory tag1,
        string memory tag2,
        bool includeRevoked
    ) private view returns (uint256[] memory found) {
        if (clients.length == 0) clients = _clients[agentId];
        uint256 entries = 0;
        for (uint256 i = 0; i < clients.length; ++i) entries += _positions[agentId][clients[i]].length;
        _requireReadable(entries);
        found = new uint256[](entries);
        uint256 count = 0;
        for (uint256 i = 0; i < clients.length; ++i) {
            uint256[] storage positions = _positions[agentId][clients[i]];
            for (uint256 j = 0; j < positions.length; ++j) {
                Feedback storage f = _feedback[agentId][positions[j]];
                if (f.isRevoked && !includeRevoked) continue;
                if (_matches(tag1, f.tag1) && _matches(tag2, f.tag2)) found[count++] = positions[j];
            }
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    function _known(uint256 agentId, address client, uint64 index) private view returns (Feedback storage) {
        uint256[] storage positions = _positions[agentId][client];
        require(index != 0 && index <= positions.length, UnknownFeedback(agentId, client, index));
        return _feedback[agentId][positions[index - 1]];
    }
}
