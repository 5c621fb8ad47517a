// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {IModelRegistry} from "../../interfaces/IModelRegistry.sol";
import {Bn254} from "../groth16/Bn254.sol";
import {Groth16Keys} from "../groth16/Groth16Keys.sol";

/// @title ModelBasis
/// @notice Points of verifying keys that are too long for one contract.
abstract contract ModelBasis is IModelRegistry, Groth16Keys {
    uint256 private constant POINT_BYTES = 64;

    /// @dev As many as fit behind the STOP byte into a contract (EIP-170).
    uint256 internal constant MAX_POINTS = 383;

    /// @dev Keys have salt zero: a basis is never found where a key is looked for, which passed other checks.
    bytes32 private constant BASIS_SALT = bytes32(uint256(1));

    /// @inheritdoc IModelRegistry
    function storeBasis(bytes calldata points) external returns (bytes32 basisId) {
        bytes memory code = abi.encodePacked(LOADER, points);
        basisId = keccak256(code);
        if (_basisPointerOf(basisId).code.length != 0) return basisId;
        _checkBasis(points);
        address pointer = Create2.deploy(0, BASIS_SALT, code);
        emit BasisStored(basisId, pointer, points.length / POINT_BYTES);
    }

    /// @inheritdoc IModelRegistry
    function basisOf(bytes32 basisId) public view returns (address pointer, uint256 points) {
        pointer = _basisPointerOf(basisId);
        uint256 size = pointer.code.length;
        require(size != 0, UnknownBasis(basisId));
        // The STOP byte goes away in the division.
        points = size / POINT_BYTES;
    }

    function _basisPointerOf(bytes32 basisId) private view returns (address) {
        return Create2.computeAddress(BASIS_SALT, basisId);
    }

    /// @dev A zero point would mean that the circuit ignores the weight.
    function _checkBasis(bytes calldata points) private pure {
        uint256 length = points.length;
        bool whole = length != 0 && length % POINT_BYTES == 0 && length <= MAX_POINTS * POINT_BYTES;
        require(whole, BadBasisLength(length));
        for (uint256 from = 0; from < length; from += POINT_BYTES) {
            (uint256 x, uint256 y) = abi.decode(points[from:from + POINT_BYTES], (uint256, uint256));
            require(Bn254.isInG1(x, y), BadBasisPoint(from / POINT_BYTES));
        }
    }
}
