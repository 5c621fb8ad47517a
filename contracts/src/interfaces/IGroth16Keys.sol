// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IGroth16Keys
/// @notice Verifying keys of Groth16 over BN254, each stored once as the code of its own small contract.
/// @dev Canonical form of a key, 32-byte words: alpha (2), beta (4), gamma (4), delta (4), then one point of 2 words
///      for the constant and one for each public input. A G2 coordinate has its imaginary part first (EIP-197).
///      The id of a key is `keccak256(0x600b380380600b5f395ff300 ++ key)`, the hash of the code that stores it: the
///      same key has the same id in every verifier and on every chain, and nobody can register another key under it.
///      Warning: a registered key is well-formed, not trustworthy. Who ran its setup alone, or made up its points, can
///      prove anything under it. An id is worth what the caller knows about its setup.
interface IGroth16Keys {
    /// @param keyId id of the key
    /// @param pointer contract whose code is a zero byte and the key
    /// @param inputCount public inputs of the circuit
    event KeyRegistered(bytes32 indexed keyId, address pointer, uint256 inputCount);

    /// @notice No key with this id is registered here.
    error UnknownKey(bytes32 keyId);
    /// @notice The length is not that of a key with 1 to 64 public inputs.
    /// @param length in bytes
    error BadKeyLength(uint256 length);
    /// @notice A point is zero, has a coordinate out of the field, or is not on the curve or in its group.
    /// @param word index of its first word in the key; that of beta when the pairing found beta, gamma or delta off the
    ///        twist or outside the group, since it does not say which
    error BadKeyPoint(uint256 word);
    /// @notice Two of beta, gamma and delta are equal up to their sign, so that anybody can prove anything; or delta is
    ///         the generator. Both are so before the first contribution to phase 2 of a setup.
    error ForgeableKey();

    /// @notice Stores a key. Anybody may call; a key that is registered already stays as it is.
    /// @param key canonical form
    /// @return keyId id of the key
    function registerKey(bytes calldata key) external returns (bytes32 keyId);

    /// @notice Where a key is and how many public inputs it has. Reverts when the key is unknown.
    /// @return pointer contract whose code is a zero byte and the key
    /// @return inputCount public inputs of the circuit
    function keyOf(bytes32 keyId) external view returns (address pointer, uint256 inputCount);
}
