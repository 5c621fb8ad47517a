// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title MeshDomain
/// @notice The EIP-712 domain of everything that is signed for the mesh.
/// @dev OpenZeppelin's EIP712 brings a public view and two storage slots, and would bring both twice: into the mesh and
///      into the further parts of its code. The separator is cached for the contract that was deployed; in a delegated call it is
///      built anew, since `address(this)` is the mesh there.
abstract contract MeshDomain {
    string internal constant DOMAIN_NAME = "DuckMesh";
    string internal constant DOMAIN_VERSION = "1";

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    bytes32 private immutable _cachedSeparator = _buildSeparator();
    uint256 private immutable _cachedChainId = block.chainid;
    address private immutable _cachedThis = address(this);

    function _domainSeparator() internal view returns (bytes32) {
        // A fork of the chain has another id, and signatures of the other side must not count there.
        if (address(this) == _cachedThis && block.chainid == _cachedChainId) return _cachedSeparator;
        return _buildSeparator();
    }

    /// @dev Digest of a struct in the domain of the mesh.
    function _digestOf(bytes32 structHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(_domainSeparator(), structHash);
    }

    function _buildSeparator() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256(bytes(DOMAIN_NAME)),
                keccak256(bytes(DOMAIN_VERSION)),
                block.chainid,
                address(this)
            )
        );
    }
}
