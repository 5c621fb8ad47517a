// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";
import {Receipt} from "../types/Receipt.sol";

/// @title IEquivocation
/// @notice Slash of a provider that signed two outputs for one job. The two signatures are the whole proof: no
///         arbitrator, no window but that of the key.
interface IEquivocation {
    /// @param bondWei lost: half burned, a quarter to the reporter, the rest to the requester
    event EquivocationProven(
        bytes32 indexed jobId, uint32 indexed providerId, address indexed reporter, uint96 bondWei
    );
    /// @notice The key signed two outputs for one job. It counts for nothing until the owner rotates to another one.
    event KeyBurnt(uint32 indexed providerId, address indexed key);

    /// @notice The receipts do not contradict each other: another job, provider or round, or the same output.
    error NoConflict();
    /// @notice The key is none of the provider's, was slashed before, or was replaced too long ago.
    error KeyNotLiable(uint32 providerId, address key);
    /// @notice The provider has no stake that could be slashed.
    error NothingToSlash(uint32 providerId);
    /// @notice A key that signed two outputs for one job cannot be used again.
    error BurntKey(uint32 providerId, address key);

    /// @notice Slashes the bond of a provider that signed two receipts with different outputs for one job and round.
    ///         Anybody may call; the caller is the reporter.
    /// @dev The bond is the minimum stake, or what there is if that is less, taken from stake that no job has locked
    ///      first and then from stake on its way out. A key is slashed once, so what the theft of a key can cost is
    ///      bounded. A replaced key stays liable as long as unstaking takes.
    /// @param order the job; its requester gets a part
    function proveEquivocation(
        Order calldata order,
        Receipt calldata first,
        bytes calldata firstSig,
        Receipt calldata second,
        bytes calldata secondSig
    ) external;

    /// @notice Last second at which a replaced key of a provider can be slashed; zero when it was never replaced, one
    ///         when it was slashed.
    function keyLiableUntil(uint32 providerId, address key) external view returns (uint40);
}
