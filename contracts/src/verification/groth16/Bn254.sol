// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGroth16Verifier} from "../../interfaces/IGroth16Verifier.sol";

/// @notice The curve BN254 through its precompiled contracts (EIP-196, EIP-197), each called with capped gas: a
///         precompile that refuses its input keeps all the gas it was given.
/// @dev The caps are twice the prices of EIP-1108, so that a moderate repricing breaks nothing. Points stand in word
///      arrays, where the precompiles take their input from; lengths are checked by the callers, once.
library Bn254 {
    /// @notice Order of the field of coordinates.
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    /// @notice Order of the groups, and of the field of public inputs.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @notice Words of one pair in the input of the pairing: a point of G1 and one of G2.
    uint256 internal constant PAIR_WORDS = 6;

    /// @dev A sum, and the point and the scalar that are added to it next: the input of both precompiles in place.
    uint256 private constant SUM_WORDS = 5;

    uint256 private constant ADD_GAS = 300;
    uint256 private constant MUL_GAS = 12_000;
    uint256 private constant PAIRING_GAS = 90_000;
    uint256 private constant PAIR_GAS = 68_000;
    /// @dev For what happens between the check of the gas and the call.
    uint256 private constant SPARE_GAS = 1_000;

    /// @notice True when (x, y) is on the curve and not zero, with coordinates in the field. G1 is the whole curve.
    function isInG1(uint256 x, uint256 y) internal pure returns (bool yes) {
        // y² = x³ + 3, which zero, written (0, 0), does not satisfy. Without branches: this runs for every proof.
        assembly ("memory-safe") {
            let onCurve := eq(mulmod(y, y, Q), addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q))
            yes := and(onCurve, and(lt(x, Q), lt(y, Q)))
        }
    }

    /// @notice True when the four coordinates are in the field and not all zero.
    /// @dev Warning: says nothing about the curve. The pairing checks curve and group of every point of G2 (EIP-197).
    function isFieldPoint(uint256 x1, uint256 x0, uint256 y1, uint256 y0) internal pure returns (bool yes) {
        assembly ("memory-safe") {
            let below := and(and(lt(x1, Q), lt(x0, Q)), and(lt(y1, Q), lt(y0, Q)))
            yes := and(below, gt(or(or(x1, x0), or(y1, y0)), 0))
        }
    }

    /// @notice An array of words with any content.
    /// @dev Warning: the caller writes every word before it is read.
    function allocate(uint256 length) internal pure returns (uint256[] memory words) {
        assembly ("memory-safe") {
            words := mload(0x40)
            mstore(words, length)
            mstore(0x40, add(words, shl(5, add(length, 1))))
        }
    }

    /// @notice A word of an array, without the check of its length.
    /// @dev Warning: the caller checks it.
    function wordAt(uint256[] memory words, uint256 index) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(words, 0x20), shl(5, index)))
        }
    }

    /// @notice A sum in G1 that begins with (x, y). Only its first two words mean something.
    function newSum(uint256 x, uint256 y) internal pure returns (uint256[] memory sum) {
        sum = allocate(SUM_WORDS);
        assembly ("memory-safe") {
            mstore(add(sum, 0x20), x)
            mstore(add(sum, 0x40), y)
        }
    }

    /// @notice A sum that begins with the point at word `from` of `words`.
    /// @dev Warning: the caller checks that `words` is long enough.
    function newSum(uint256[] memory words, uint256 from) internal pure returns (uint256[] memory sum) {
        sum = allocate(SUM_WORDS);
        assembly ("memory-safe") {
            mcopy(add(sum, 0x20), add(add(words, 0x20), shl(5, from)), 0x40)
        }
    }

    /// @notice Adds scalar · point to a sum, for the point at word `from` of `words`. It is known to be on the curve.
    /// @dev Warning: the caller checks that `words` is long enough.
    function addMul(uint256[] memory sum, uint256[] memory words, uint256 from, uint256 scalar) internal view {
        assembly ("memory-safe") {
            mcopy(add(sum, 0x60), add(add(words, 0x20), shl(5, from)), 0x40)
        }
        _addMul(sum, scalar);
    }

    /// @notice Adds scalar · (x, y) to a sum. The point is known to be on the curve.
    function addMul(uint256[] memory sum, uint256 x, uint256 y, uint256 scalar) internal view {
        assembly ("memory-safe") {
            mstore(add(sum, 0x60), x)
            mstore(add(sum, 0x80), y)
        }
        _addMul(sum, scalar);
    }

    /// @notice Adds a point so many times, for the point at word `from` of `words`. It is known to be on the curve.
    /// @dev An addition costs a fortieth of a multiplication: up to 16 of them are cheaper.
    ///      Warning: the caller checks that `words` is long enough.
    function addTimes(uint256[] memory sum, uint256[] memory words, uint256 from, uint256 times) internal view {
        bool ok = true;
        assembly ("memory-safe") {
            let total := add(sum, 0x20)
            mcopy(add(sum, 0x60), add(add(words, 0x20), shl(5, from)), 0x40)
            for {} times { times := sub(times, 1) } {
                ok := and(staticcall(ADD_GAS, 0x06, total, 0x80, total, 0x40), ok)
            }
        }
        require(ok, IGroth16Verifier.CurveCallFailed());
    }

    /// @notice Adds weight · point for each weight, in order, and the points in the code of a contract after its first
    ///         byte. They are known to be on the curve.
    /// @dev The loop of whoever registers a model: 6,350 of its gas for each weight are the two precompiles.
    ///      Warning: the caller checks that the contract has a point for each weight.
    /// @return inField false when a weight is not below the group order; then the sum means nothing
    function addStored(uint256[] memory sum, address points, uint256[] calldata weights)
        internal
        view
        returns (bool inField)
    {
        uint256 r = R;
        bool ok = true;
        assembly ("memory-safe") {
            let total := add(sum, 0x20)
            let point := add(sum, 0x60)
            let scalar := add(sum, 0xa0)
            // Beyond the free memory, which is taken again afterwards.
            let next := mload(0x40)
            extcodecopy(points, next, 1, shl(6, weights.length))
            inField := 1
            let end := add(weights.offset, shl(5, weights.length))
            for { let at := weights.offset } lt(at, end) { at := add(at, 0x20) } {
                let weight := calldataload(at)
                inField := and(lt(weight, r), inField)
                mcopy(point, next, 0x40)
                mstore(scalar, weight)
                next := add(next, 0x40)
                ok := and(staticcall(MUL_GAS, 0x07, point, 0x60, point, 0x40), ok)
                ok := and(staticcall(ADD_GAS, 0x06, total, 0x80, total, 0x40), ok)
            }
        }
        require(ok, IGroth16Verifier.CurveCallFailed());
    }

    /// @notice Copies a pair, six words from word `from` of `words` on, into the input of the pairing.
    /// @dev Warning: the caller checks that `pairs` and `words` are long enough.
    function copyPair(uint256[] memory pairs, uint256 index, uint256[] memory words, uint256 from) internal pure {
        assembly ("memory-safe") {
            mcopy(add(add(pairs, 0x20), mul(index, 0xc0)), add(add(words, 0x20), shl(5, from)), 0xc0)
        }
    }

    /// @notice Writes (x, y) and the point of G2 at word `from` of `words` into the input of the pairing.
    /// @dev Warning: the caller checks that `pairs` and `words` are long enough.
    function setPair(uint256[] memory pairs, uint256 index, uint256 x, uint256 y, uint256[] memory words, uint256 from)
        internal
        pure
    {
        assembly ("memory-safe") {
            let pair := add(add(pairs, 0x20), mul(index, 0xc0))
            mstore(pair, x)
            mstore(add(pair, 0x20), y)
            mcopy(add(pair, 0x40), add(add(words, 0x20), shl(5, from)), 0x80)
        }
    }

    /// @notice Multiplies the point of G1 in a pair. It is known to be on the curve.
    /// @dev Warning: the caller checks that `pairs` is long enough.
    function scale(uint256[] memory pairs, uint256 index, uint256 scalar) internal view {
        bool ok;
        assembly ("memory-safe") {
            let pair := add(add(pairs, 0x20), mul(index, 0xc0))
            // The precompile wants the scalar where the point of G2 begins, so that word steps aside.
            let next := mload(add(pair, 0x40))
            mstore(add(pair, 0x40), scalar)
            ok := staticcall(MUL_GAS, 0x07, pair, 0x60, pair, 0x40)
            mstore(add(pair, 0x40), next)
        }
        require(ok, IGroth16Verifier.CurveCallFailed());
    }

    /// @notice True when the product of the pairings is one; false when not, or when a point is not in its group.
    function isProductOne(uint256[] memory pairs) internal view returns (bool yes) {
        uint256 cap;
        unchecked {
            cap = PAIRING_GAS + (pairs.length / PAIR_WORDS) * PAIR_GAS;
            // A call gets at most 63/64 of what is left (EIP-150); a starved pairing would look like a false proof.
            uint256 wanted = cap + cap / 63 + SPARE_GAS;
            require(gasleft() >= wanted, IGroth16Verifier.NotEnoughGas(gasleft(), wanted));
        }
        assembly ("memory-safe") {
            // The answer is 0 or 1, and stays 0 when the call fails.
            mstore(0, 0)
            let ok := staticcall(cap, 0x08, add(pairs, 0x20), shl(5, mload(pairs)), 0, 0x20)
            yes := and(ok, mload(0))
        }
    }

    /// @dev The point stands behind the sum.
    function _addMul(uint256[] memory sum, uint256 scalar) private view {
        bool ok;
        assembly ("memory-safe") {
            let total := add(sum, 0x20)
            let point := add(sum, 0x60)
            mstore(add(sum, 0xa0), scalar)
            ok := staticcall(MUL_GAS, 0x07, point, 0x60, point, 0x40)
            ok := and(staticcall(ADD_GAS, 0x06, total, 0x80, total, 0x40), ok)
        }
        require(ok, IGroth16Verifier.CurveCallFailed());
    }
}
