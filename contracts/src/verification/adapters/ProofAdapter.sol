// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IProofVerifier} from "../../interfaces/IErc8274.sol";

/// @title ProofAdapter
/// @notice What all verifiers of the router share.
abstract contract ProofAdapter is IProofVerifier, ERC165 {
    /// @inheritdoc IProofVerifier
    function proofSystem() public pure virtual returns (string memory);

    /// @inheritdoc IProofVerifier
    /// @dev Immutables are part of the code, so its hash covers them; the rest of the configuration is metadata.
    function proofProfile() external view returns (bytes32) {
        return keccak256(abi.encode(proofSystem(), address(this).codehash));
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IProofVerifier).interfaceId || super.supportsInterface(interfaceId);
    }
}
