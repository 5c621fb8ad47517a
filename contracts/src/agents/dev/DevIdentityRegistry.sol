// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {
    ERC721URIStorage
} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IDevRegistries} from "../../interfaces/IDevRegistries.sol";
import {IErc8004Identity} from "../../interfaces/IErc8004.sol";
import {Signatures} from "../../libraries/Signatures.sol";

/// @title DevIdentityRegistry
/// @notice ERC-8004 identities for development chains. Live chains have a registry; use that one there.
contract DevIdentityRegistry is IErc8004Identity, IDevRegistries, ERC721URIStorage, EIP712 {
    /// @notice What the new wallet of an agent signs, as the registry of the live chains asks for it.
    bytes32 public constant AGENT_WALLET_TYPEHASH =
        keccak256("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)");
    /// @notice A consent counts for at most so many seconds.
    uint256 public constant MAX_CONSENT_SECONDS = 5 minutes;

    string private constant WALLET_KEY = "agentWallet";

    uint256 private _nextAgentId;
    // The wallet is stored under its reserved key, as 20 bytes.
    mapping(uint256 agentId => mapping(string key => bytes)) private _metadata;

    constructor() ERC721("DuckMesh development agents", "DEVAGENT") EIP712("ERC8004IdentityRegistry", "1") {}

    /// @inheritdoc IErc8004Identity
    function register() external returns (uint256) {
        return _register("", new MetadataEntry[](0));
    }

    /// @inheritdoc IErc8004Identity
    function register(string calldata agentURI) external returns (uint256) {
        return _register(agentURI, new MetadataEntry[](0));
    }

    /// @inheritdoc IErc8004Identity
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256) {
        return _register(agentURI, metadata);
    }

    /// @inheritdoc IErc8004Identity
    function setAgentURI(uint256 agentId, string calldata newURI) external {
        _requireOperator(agentId);
        _setTokenURI(agentId, newURI);
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    /// @inheritdoc IErc8004Identity
    function setMetadata(uint256 agentId, string memory metadataKey, bytes memory metadataValue) external {
        _requireOperator(agentId);
        _setUnreserved(agentId, metadataKey, metadataValue);
    }

    /// @inheritdoc IErc8004Identity
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external {
        address owner = _requireOperator(agentId);
        require(newWallet != address(0), ZeroWallet());
        require(
            block.timestamp <= deadline && deadline <= block.timestamp + MAX_CONSENT_SECONDS, BadDeadline(deadline)
        );
        bytes32 structHash = keccak256(abi.encode(AGENT_WALLET_TYPEHASH, agentId, newWallet, owner, deadline));
        require(
            Signatures.isValid(newWallet, _hashTypedDataV4(structHash), signature), BadWalletSignature(newWallet)
        );
        _set(agentId, WALLET_KEY, abi.encodePacked(newWallet));
    }

    /// @inheritdoc IErc8004Identity
    function unsetAgentWallet(uint256 agentId) external {
        _requireOperator(agentId);
        _set(agentId, WALLET_KEY, "");
    }

    /// @inheritdoc IErc8004Identity
    function getMetadata(uint256 agentId, string memory metadataKey) external view returns (bytes memory) {
        return _metadata[agentId][metadataKey];
    }

    /// @inheritdoc IErc8004Identity
    function getAgentWallet(uint256 agentId) external view returns (address) {
        _requireOwned(agentId);
        return address(bytes20(_metadata[agentId][WALLET_KEY]));
    }

    /// @dev A wallet that the last owner named is not the next owner's.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        from = super._update(to, tokenId, auth);
        if (from != address(0) && from != to) _set(tokenId, WALLET_KEY, "");
    }

    function _register(string memory agentURI, MetadataEntry[] memory metadata) private returns (uint256 agentId) {
        agentId = _nextAgentId++;
        if (bytes(agentURI).length != 0) _setTokenURI(agentId, agentURI);
        _set(agentId, WALLET_KEY, abi.encodePacked(msg.sender));
        for (uint256 i = 0; i < metadata.length; ++i) {
            _setUnreserved(agentId, metadata[i].metadataKey, metadata[i].metadataValue);
        }
        emit Registered(agentId, agentURI, msg.sender);
        // Last, since it calls a receiving contract.
        _safeMint(msg.sender, agentId);
    }

    function _setUnreserved(uint256 agentId, string memory key, bytes memory value) private {
        require(keccak256(bytes(key)) != keccak256(bytes(WALLET_KEY)), ReservedKey());
        _set(agentId, key, value);
    }

    function _set(uint256 agentId, string memory key, bytes memory value) private {
        _metadata[agentId][key] = value;
        emit MetadataSet(agentId, key, key, value);
    }

    function _requireOperator(uint256 agentId) private view returns (address owner) {
        owner = _requireOwned(agentId);
        require(_isAuthorized(owner, msg.sender, agentId), NotOperator(agentId, msg.sender));
    }
}
