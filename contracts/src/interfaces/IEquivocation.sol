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

    /// @notice The stream is paid by another channel.
    error WrongChannel(bytes32 streamChannelId, bytes32 channelId);
    /// @notice The statements do not contradict each other: another job, provider or round, or they say the same.
    error NoConflict();

    /// @notice Slashes the bond of a provider that signed two receipts with different outputs for one job and round.
    ///         Anybody may call; the caller is the reporter. Bond and key as in IKeyLiability; half of the bond burns, a
    ///         quarter goes to the reporter, the rest to the requester.
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
}
