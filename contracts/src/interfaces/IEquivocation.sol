// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assignment} from "../types/Assignment.sol";
import {ChannelConfig} from "../types/ChannelConfig.sol";
import {Order} from "../types/Order.sol";
import {Receipt} from "../types/Receipt.sol";
import {SeatCommit} from "../types/SeatCommit.sol";
import {Stream} from "../types/Stream.sol";

/// @title IEquivocation
/// @notice Slash of a provider that signed two outputs for one job, or two commitments for one seat. The two signatures
///         are the whole proof: no arbitrator, no window but that of the key.
interface IEquivocation {
    /// @param bondWei lost by this proof: half burned, a quarter to the reporter, the rest to the requester; zero when all
    ///        stake was locked
    event EquivocationProven(
        bytes32 indexed jobId, uint32 indexed providerId, address indexed reporter, uint96 bondWei
    );
    /// @notice The key signed two outputs for one job. It counts for nothing until the owner rotates to another one.
    event KeyBurnt(uint32 indexed providerId, address indexed key);

    /// @notice The stream is paid by another channel.
    error WrongChannel(bytes32 streamChannelId, bytes32 channelId);
    /// @notice The statements do not contradict each other: another job, provider or round, or they say the same.
    error NoConflict();
    /// @notice The key is none of the provider's, was slashed before, or was replaced too long ago.
    error KeyNotLiable(uint32 providerId, address key);
    /// @notice The provider has no stake now that could be slashed, and its key is burnt already.
    error NothingToSlash(uint32 providerId);
    /// @notice A key that signed two outputs for one job cannot be used again.
    error BurntKey(uint32 providerId, address key);

    /// @notice Slashes the bond of a provider that signed two receipts with different outputs for one job and round.
    ///         Anybody may call; the caller is the reporter.
    /// @dev The bond is the minimum stake, taken from stake that no job has locked first and then from stake on its way
    ///      out. Where there is less, the rest is owed: the key stays liable without end, and the same proof takes what
    ///      came free since. A key costs one minimum stake in all, so what the theft of a key can cost is bounded. A
    ///      replaced key stays liable as long as unstaking takes.
    /// @param order the job; its requester gets a part
    function proveEquivocation(
        Order calldata order,
        Receipt calldata first,
        bytes calldata firstSig,
        Receipt calldata second,
        bytes calldata secondSig
    ) external;

    /// @notice Slashes the bond of a provider that signed two receipts with different outputs for one stream. Anybody may
    ///         call. Bond, key and parts as in {proveEquivocation}.
    /// @param config the channel that pays the stream; its payer gets a part
    /// @param stream the request; its digest is the job id of both receipts
    function proveStreamEquivocation(
        ChannelConfig calldata config,
        Stream calldata stream,
        Receipt calldata first,
        bytes calldata firstSig,
        Receipt calldata second,
        bytes calldata secondSig
    ) external;

    /// @notice Slashes the bond of a provider that signed two commitments for one seat. Anybody may call. Bond, key and
    ///         parts as in {proveEquivocation}.
    /// @dev Whoever commits twice waits to see the other seats' outputs before it chooses.
    /// @param assignment names the job and the seat; it needs no signature here, since both commitments name it
    function proveSeatEquivocation(
        Order calldata order,
        Assignment calldata assignment,
        SeatCommit calldata first,
        bytes calldata firstSig,
        SeatCommit calldata second,
        bytes calldata secondSig
    ) external;

    /// @notice Last second at which a replaced key of a provider can be slashed; zero when it was never replaced, one
    ///         when it was slashed for all it can cost, the largest value while it owes a part.
    function keyLiableUntil(uint32 providerId, address key) external view returns (uint40);
}
