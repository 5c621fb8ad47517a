// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IKeyLiability
/// @notice What a signing key answers for when its own signature convicts its provider, see IEquivocation and IFalseProof.
/// @dev The bond is the minimum stake, taken from stake that no job has locked first and then from stake on its way out.
///      Where there is less, the rest is owed: the key stays liable without end, and the same proof takes what came free
///      since. A key costs one minimum stake in all, so what the theft of a key can cost is bounded. A replaced key stays
///      liable as long as unstaking takes.
interface IKeyLiability {
    /// @notice The key convicted its provider. It counts for nothing until the owner rotates to another one.
    event KeyBurnt(uint32 indexed providerId, address indexed key);

    /// @notice The key is none of the provider's, was slashed before, or was replaced too long ago.
    error KeyNotLiable(uint32 providerId, address key);
    /// @notice The provider has no stake now that could be slashed, and its key is burnt already.
    error NothingToSlash(uint32 providerId);
    /// @notice A key that convicted its provider cannot be used again.
    error BurntKey(uint32 providerId, address key);

    /// @notice Last second at which a replaced key of a provider can be slashed; zero when it was never replaced, one
    ///         when it was slashed for all it can cost, the largest value while it owes a part.
    function keyLiableUntil(uint32 providerId, address key) external view returns (uint40);
}
