// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice ECDSA and ERC-1271 signature checks over calldata. Every failure is a plain answer (zero address or false),
///         never a revert.
library Signatures {
    /// @notice Gas an ERC-1271 wallet may use, so that a hostile wallet cannot make its checker pay without limit.
    uint256 internal constant ERC1271_GAS = 100_000;

    /// @notice Length of a signature r‖s‖v.
    uint256 internal constant SIGNATURE_BYTES = 65;
    /// @dev Half the order of secp256k1. A larger s is the malleable twin of a valid signature (EIP-2).
    uint256 private constant MAX_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Signer of a 65-byte r‖s‖v signature with v = 27 or 28; zero when malformed.
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        return signature.length == SIGNATURE_BYTES ? recoverAt(digest, signature, 0) : address(0);
    }

    /// @notice Signer of the `index`-th signature of a concatenation of 65-byte signatures.
    /// @dev Warning: the caller checks that `signatures` holds more than `index` signatures.
    function recoverAt(bytes32 digest, bytes calldata signatures, uint256 index)
        internal
        pure
        returns (address signer)
    {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            let offset := add(signatures.offset, mul(index, SIGNATURE_BYTES))
            r := calldataload(offset)
            s := calldataload(add(offset, 0x20))
            v := byte(0, calldataload(add(offset, 0x40)))
        }
        // ecrecover answers zero for any other v, and for r or s out of range.
        if (uint256(s) <= MAX_S) signer = ecrecover(digest, v, r, s);
    }

    /// @notice Signer of a compact signature (EIP-2098): the parity of y is the high bit of s.
    function recoverCompact(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address signer) {
        bytes32 s = vs & bytes32(uint256(type(int256).max));
        uint8 v = uint8(27 + (uint256(vs) >> 255));
        if (uint256(s) <= MAX_S) signer = ecrecover(digest, v, r, s);
    }

    /// @notice True when `signer` signed `digest` with its key, or is a contract that accepts the signature.
    /// @dev The key is tried first: an EIP-7702 account has code and may still sign with its key.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signer != address(0) && recover(digest, signature) == signer) return true;
        return signer.code.length != 0 && _isValidERC1271(signer, digest, signature);
    }

    /// @dev Reads one word of return data at most, whatever the wallet returns.
    function _isValidERC1271(address wallet, bytes32 digest, bytes calldata signature) private view returns (bool ok) {
        bytes memory input = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes4 magic = IERC1271.isValidSignature.selector;
        uint256 gasLimit = ERC1271_GAS;
        assembly ("memory-safe") {
            mstore(0, 0)
            let success := staticcall(gasLimit, wallet, add(input, 0x20), mload(input), 0, 0x20)
            ok := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0), magic)))
        }
    }
}
