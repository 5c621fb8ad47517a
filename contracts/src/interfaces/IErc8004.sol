// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

// The three registries of ERC-8004 (Trustless Agents), as its draft stood in January 2026: with `value` and
// `valueDecimals` in feedback, string tags, and the reserved key `agentWallet`. Earlier drafts have other selectors.
// A test compares selectors and topics with the signatures of that text.

/// @title IErc8004Identity
/// @notice Agents are ERC-721 tokens; the token id is the agent id, and the token URI leads to the registration file.
interface IErc8004Identity is IERC721 {
    /// @notice A fact that is stored with an agent on chain.
    struct MetadataEntry {
        string metadataKey; // any key but "agentWallet", which is reserved
        bytes metadataValue;
    }

    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);
    event MetadataSet(
        uint256 indexed agentId, string indexed indexedMetadataKey, string metadataKey, bytes metadataValue
    );

    /// @notice Registers an agent of the caller without a URI.
    /// @return agentId ids count up from 0 in the deployed registries, so 0 is an agent like any other
    function register() external returns (uint256 agentId);
    /// @notice Registers an agent of the caller.
    function register(string calldata agentURI) external returns (uint256 agentId);
    /// @notice Registers an agent of the caller with metadata.
    function register(string calldata agentURI, MetadataEntry[] calldata metadata)
        external
        returns (uint256 agentId);
    /// @notice Replaces the URI. For the owner and its operators, like all setters here.
    function setAgentURI(uint256 agentId, string calldata newURI) external;
    /// @notice Stores a fact under any key but "agentWallet".
    function setMetadata(uint256 agentId, string memory metadataKey, bytes memory metadataValue) external;
    /// @notice Names the address that is paid for the agent.
    /// @param deadline last second at which the signature counts
    /// @param signature consent of `newWallet`: ECDSA, or what its ERC-1271 contract accepts
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external;
    /// @notice Names no address any more.
    function unsetAgentWallet(uint256 agentId) external;
    /// @notice Empty for a key that was never set.
    function getMetadata(uint256 agentId, string memory metadataKey) external view returns (bytes memory);
    /// @notice The address that is paid for the agent: its owner at first, zero after a transfer until it is set.
    function getAgentWallet(uint256 agentId) external view returns (address);
}

/// @title IErc8004Reputation
/// @notice Feedback of clients about agents.
interface IErc8004Reputation {
    event NewFeedback(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        int128 value,
        uint8 valueDecimals,
        string indexed indexedTag1,
        string tag1,
        string tag2,
        string endpoint,
        string feedbackURI,
        bytes32 feedbackHash
    );
    event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex);
    event ResponseAppended(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        address indexed responder,
        string responseURI,
        bytes32 responseHash
    );

    /// @notice Says what the caller thinks of an agent that is not its own.
    /// @param value fixed-point number; `tag1` says what it measures
    /// @param valueDecimals decimals of `value`, 0..18
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external;
    /// @notice Takes back feedback of the caller.
    /// @param feedbackIndex counts the feedback of one client about one agent, from 1
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external;
    /// @notice Answers somebody's feedback. Anybody may.
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external;
    /// @notice The registry whose agents are judged.
    function getIdentityRegistry() external view returns (address);
    /// @notice Count and average of what the clients said and did not take back. An empty tag matches all.
    /// @dev Warning: reads the whole history of these clients. Never call it from a contract.
    /// @param clientAddresses must not be empty: an average over everybody is an average over spam
    function getSummary(uint256 agentId, address[] calldata clientAddresses, string calldata tag1, string calldata tag2)
        external
        view
        returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals);
    /// @notice One piece of feedback.
    function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex)
        external
        view
        returns (int128 value, uint8 valueDecimals, string memory tag1, string memory tag2, bool isRevoked);
    /// @notice All feedback of the clients, or of all clients when none is named.
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
        );
    /// @notice Number of responses. Zero client, zero index and no responders mean any.
    function getResponseCount(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        address[] calldata responders
    ) external view returns (uint64 count);
    /// @notice Everybody who ever gave feedback about the agent.
    function getClients(uint256 agentId) external view returns (address[] memory);
    /// @notice How often the client gave feedback about the agent.
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64);
}

/// @title IErc8004Validation
/// @notice Work of agents, judged by validators that the agents name.
interface IErc8004Validation {
    event ValidationRequest(
        address indexed validatorAddress, uint256 indexed agentId, string requestURI, bytes32 indexed requestHash
    );
    event ValidationResponse(
        address indexed validatorAddress,
        uint256 indexed agentId,
        bytes32 indexed requestHash,
        uint8 response,
        string responseURI,
        bytes32 responseHash,
        string tag
    );

    /// @notice Asks a validator. For the owner of the agent and its operators.
    /// @dev Warning: a hash belongs to whoever brings it first, for whatever agent and validator.
    /// @param requestHash names the request ever after
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external;
    /// @notice Answers a request. For its validator, as often as it likes.
    /// @param response 0 (failed) .. 100 (passed)
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external;
    /// @notice The registry whose agents are judged.
    function getIdentityRegistry() external view returns (address);
    /// @notice A request and its last answer. Reverts for an unknown hash. `lastUpdate` is in unix seconds and that of the
    ///         request as long as there is no answer.
    function getValidationStatus(bytes32 requestHash)
        external
        view
        returns (
            address validatorAddress,
            uint256 agentId,
            uint8 response,
            bytes32 responseHash,
            string memory tag,
            uint256 lastUpdate
        );
    /// @notice Count and average of the answers. No validators and an empty tag mean any.
    /// @dev Warning: reads the whole history of the agent. Never call it from a contract.
    function getSummary(uint256 agentId, address[] calldata validatorAddresses, string calldata tag)
        external
        view
        returns (uint64 count, uint8 averageResponse);
    /// @notice Hashes of all requests about the agent.
    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory);
    /// @notice Hashes of all requests to the validator.
    function getValidatorRequests(address validatorAddress) external view returns (bytes32[] memory);
}
