// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using KeyRotationLib for KeyRotation global;

/// @notice Proof that whoever holds `newKey` wants to sign for the provider. Signed by `newKey` itself.
struct KeyRotation {
    uint32 providerId;
    address newKey;
    uint16 keyEpoch; // epoch after the rotation: current epoch + 1, so a proof works once
}

/// @notice EIP-712 hashing of {KeyRotation}.
library KeyRotationLib {
    bytes32 internal constant TYPEHASH = keccak256("KeyRotation(uint32 providerId,address newKey,uint16 keyEpoch)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(KeyRotation memory r) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, r.providerId, r.newKey, r.keyEpoch));
    }
}
