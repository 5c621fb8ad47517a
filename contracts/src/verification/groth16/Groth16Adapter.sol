// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IProofVerifier} from "../../interfaces/IErc8274.sol";
import {IGroth16Adapter} from "../../interfaces/IGroth16Adapter.sol";
import {IGroth16Verifier} from "../../interfaces/IGroth16Verifier.sol";
import {Groth16Claim, Groth16Claims} from "./Groth16Claim.sol";

/// @title Groth16Adapter
/// @notice Turns a task-bound claim into the public signals of a circuit and asks the verifier.
contract Groth16Adapter is IGroth16Adapter, ERC165 {
    /// @inheritdoc IGroth16Adapter
    IGroth16Verifier public immutable verifier;

    /// @param verifier_ has the keys of all models
    constructor(IGroth16Verifier verifier_) {
        verifier = verifier_;
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes32 inputHash, bytes32 outputHash, bytes calldata, bytes calldata proof)
        external
        view
        returns (bool)
    {
        Groth16Claim calldata claim = Groth16Claims.read(proof);
        return
            claim.isBound(inputHash, outputHash) && verifier.verify(claim.modelId, claim.proof, claim.signals());
    }

    /// @inheritdoc IProofVerifier
    function proofSystem() public pure returns (string memory) {
        return "zk/groth16-bn254";
    }

    /// @inheritdoc IProofVerifier
    function proofProfile() external view returns (bytes32) {
        return keccak256(abi.encode(proofSystem(), bytes32(uint256(uint160(address(verifier))))));
    }

    /// @inheritdoc ERC165
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IProofVerifier).interfaceId || super.supportsInterface(interfaceId);
    }
}
