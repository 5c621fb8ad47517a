// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IErc8004Identity, IErc8004Validation} from "../../interfaces/IErc8004.sol";
import {AgentRegistryReader} from "./AgentRegistryReader.sol";

/// @title DevValidationRegistry
/// @notice ERC-8004 validations for development chains.
contract DevValidationRegistry is IErc8004Validation, AgentRegistryReader {
    uint8 private constant MAX_RESPONSE = 100;

    struct Validation {
        address validator; // slot 0: zero for an unknown request
        uint8 response; //         0..100
        bool isAnswered;
        uint40 lastUpdate; //      unix seconds
        uint256 agentId; // slot 1
        bytes32 responseHash; // slot 2
        string tag; // slot 3
    }

    mapping(bytes32 requestHash => Validation) private _validations;
    mapping(uint256 agentId => bytes32[] requestHashes) private _byAgent;
    mapping(address validator => bytes32[] requestHashes) private _byValidator;

    constructor(IErc8004Identity identity_) AgentRegistryReader(identity_) {}

    /// @inheritdoc IErc8004Validation
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external {
        require(_isOperator(agentId, msg.sender), NotOperator(agentId, msg.sender));
        require(validatorAddress != address(0), ZeroValidator());
        Validation storage validation = _validations[requestHash];
        require(validation.validator == address(0), RequestExists(requestHash));
        validation.validator = validatorAddress;
        validation.agentId = agentId;
        validation.lastUpdate = uint40(block.timestamp);
        _byAgent[agentId].push(requestHash);
        _byValidator[validatorAddress].push(requestHash);
        emit ValidationRequest(validatorAddress, agentId, requestURI, requestHash);
    }

    /// @inheritdoc IErc8004Validation
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external {
        Validation storage validation = _known(requestHash);
        require(msg.sender == validation.validator, NotValidator(requestHash, msg.sender));
        require(response <= MAX_RESPONSE, BadResponse(response));
        validation.response = response;
        validation.isAnswered = true;
        validation.lastUpdate = uint40(block.timestamp);
        validation.responseHash = responseHash;
        validation.tag = tag;
        emit ValidationResponse(
            msg.sender, validation.agentId, requestHash, response, responseURI, responseHash, tag
        );
    }

    /// @inheritdoc IErc8004Validation
    function getIdentityRegistry() external view returns (address) {
        return address(identity);
    }

    /// @inheritdoc IErc8004Validation
    function getValidationStatus(bytes32 requestHash)
        external
        view
        returns (address, uint256, uint8, bytes32, string memory, uint256)
    {
        Validation storage v = _known(requestHash);
        return (v.validator, v.agentId, v.response, v.responseHash, v.tag, v.lastUpdate);
    }

    /// @inheritdoc IErc8004Validation
    function getSummary(uint256 agentId, address[] calldata validatorAddresses, string calldata tag)
        external
        view
        returns (uint64 count, uint8 averageResponse)
    {
        bytes32[] storage hashes = _byAgent[agentId];
        _requireReadable(hashes.length);
        uint256 sum = 0;
        for (uint256 i = 0; i < hashes.length; ++i) {
            Validation storage v = _validations[hashes[i]];
            if (!v.isAnswered || !_matches(validatorAddresses, v.validator) || !_matches(tag, v.tag)) continue;
            sum += v.response;
            ++count;
        }
        if (count != 0) averageResponse = uint8(sum / count);
    }

    /// @inheritdoc IErc8004Validation
    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory) {
        return _byAgent[agentId];
    }

    /// @inheritdoc IErc8004Validation
    function getValidatorRequests(address validatorAddress) external view returns (bytes32[] memory) {
        return _byValidator[validatorAddress];
    }

    function _known(bytes32 requestHash) private view returns (Validation storage validation) {
        validation = _validations[requestHash];
        require(validation.validator != address(0), UnknownRequest(requestHash));
    }
}
