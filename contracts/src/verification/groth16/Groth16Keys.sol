// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {IGroth16Keys} from "../../interfaces/IGroth16Keys.sol";
import {Bn254} from "./Bn254.sol";

/// @title Groth16Keys
/// @notice Registers verifying keys. No owner and no storage: that a contract exists at the address which follows from
///         a key's id is the record that the key passed the checks.
abstract contract Groth16Keys is IGroth16Keys {
    /// @dev Copies what follows its first 11 bytes into the code of the new contract. The 12th byte is the first of
    ///      that code: STOP, so that a call does nothing.
    ///      push1 0b, codesize, sub, dup1, push1 0b, push0, codecopy, push0, return | stop
    bytes12 internal constant LOADER = 0x600b380380600b5f395ff300;

    uint256 private constant MAX_INPUTS = 64;
    // Words of a key at which its parts begin.
    uint256 internal constant ALPHA = 0;
    uint256 internal constant BETA = 2;
    uint256 internal constant GAMMA = 6;
    uint256 internal constant DELTA = 10;
    uint256 internal constant CONSTANT = 14;

    uint256 private constant HEAD_BYTES = 32 * CONSTANT;
    uint256 private constant POINT_BYTES = 64;

    /// @dev x of the generator of G2.
    uint256 private constant GENERATOR_X1 =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant GENERATOR_X0 =
        10857046999023057135944570762232829481370756359578518086990519993285655852781;

    /// @inheritdoc IGroth16Keys
    function registerKey(bytes calldata key) external returns (bytes32 keyId) {
        bytes memory code = abi.encodePacked(LOADER, key);
        keyId = keccak256(code);
        if (_pointerOf(keyId).code.length != 0) return keyId;
        uint256 inputCount = _checkKey(key);
        address pointer = Create2.deploy(0, 0, code);
        emit KeyRegistered(keyId, pointer, inputCount);
    }

    /// @inheritdoc IGroth16Keys
    function keyOf(bytes32 keyId) public view returns (address pointer, uint256 inputCount) {
        pointer = _pointerOf(keyId);
        uint256 size = pointer.code.length;
        require(size != 0, UnknownKey(keyId));
        // Whatever has code at such an address is a key with at least one input. The STOP byte goes away in the
        // division.
        unchecked {
            inputCount = size / POINT_BYTES - CONSTANT / 2 - 1;
        }
    }

    /// @return key the words of the key
    /// @return inputCount public inputs of the circuit
    function _loadKey(bytes32 keyId) internal view returns (uint256[] memory key, uint256 inputCount) {
        address pointer;
        (pointer, inputCount) = keyOf(keyId);
        unchecked {
            key = Bn254.allocate(CONSTANT + 2 + 2 * inputCount);
        }
        assembly ("memory-safe") {
            // after the STOP byte
            extcodecopy(pointer, add(key, 0x20), 1, shl(5, mload(key)))
        }
    }

    /// @notice V: adds the point of input `index`, multiplied by `scalar`.
    function _addInput(uint256[] memory sum, uint256[] memory key, uint256 index, uint256 scalar) internal view {
        unchecked {
            Bn254.addMul(sum, key, CONSTANT + 2 + 2 * index, scalar);
        }
    }

    function _pointerOf(bytes32 keyId) private view returns (address) {
        return Create2.computeAddress(0, keyId);
    }

    function _checkKey(bytes calldata key) private view returns (uint256 inputCount) {
        uint256 length = key.length;
        bool whole = length >= HEAD_BYTES + 2 * POINT_BYTES && (length - HEAD_BYTES) % POINT_BYTES == 0;
        require(whole, BadKeyLength(length));
        inputCount = (length - HEAD_BYTES) / POINT_BYTES - 1;
        require(inputCount <= MAX_INPUTS, BadKeyLength(length));
        _requireG1(key, ALPHA);
        // A zero input point would mean that the circuit ignores the input: then its value proves nothing.
        for (uint256 index = 0; index <= inputCount; ++index) {
            _requireG1(key, CONSTANT + 2 * index);
        }
        _requireG2(key);
    }

    function _requireG1(bytes calldata key, uint256 word) private pure {
        require(Bn254.isInG1(_word(key, word), _word(key, word + 1)), BadKeyPoint(word));
    }

    function _requireG2(bytes calldata key) private view {
        uint256[] memory pairs = new uint256[](3 * Bn254.PAIR_WORDS);
        _pairWithZero(pairs, 2, key, BETA);
        _pairWithZero(pairs, 8, key, GAMMA);
        _pairWithZero(pairs, 14, key, DELTA);
        // Points with the same x are equal or each other's negative: then A, B and C can be chosen so that all cancels
        // out.
        bool distinct = !_sameX(key, BETA, GAMMA) && !_sameX(key, BETA, DELTA) && !_sameX(key, GAMMA, DELTA);
        bool contributed = _word(key, DELTA) != GENERATOR_X1 || _word(key, DELTA + 1) != GENERATOR_X0;
        require(distinct && contributed, ForgeableKey());
        // Pairings with zero are one, so the answer says only whether the points are on the twist and in the group.
        require(Bn254.isProductOne(pairs), BadKeyPoint(BETA));
    }

    function _pairWithZero(uint256[] memory pairs, uint256 to, bytes calldata key, uint256 word) private pure {
        for (uint256 index = 0; index < 4; ++index) {
            pairs[to + index] = _word(key, word + index);
        }
        bool proper = Bn254.isFieldPoint(pairs[to], pairs[to + 1], pairs[to + 2], pairs[to + 3]);
        require(proper, BadKeyPoint(word));
    }

    function _sameX(bytes calldata key, uint256 first, uint256 second) private pure returns (bool) {
        return _word(key, first) == _word(key, second) && _word(key, first + 1) == _word(key, second + 1);
    }

    function _word(bytes calldata key, uint256 index) private pure returns (uint256) {
        return uint256(bytes32(key[32 * index:]));
    }
}
