// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChannelConfig} from "../types/ChannelConfig.sol";

/// @title IChannels
/// @notice A payer's side of channels: money put aside for one provider, which claims it by cumulative vouchers
///         (IChannelClaims). One signature a request, one claim for any number of requests.
/// @dev The provider serves a channel only when withdrawDelay is longer than the time between two of its claims; then
///      the payer cannot take back what vouchers were signed for. After a close the channel can be topped up again:
///      claims go on from where they were, so a voucher that was not claimed in time is still owed.
interface IChannels {
    /// @notice A channel as stored. Amounts are DUCK wei.
    struct Channel {
        uint96 fundedWei; // paid in minus given back
        uint96 claimedWei; // claimed ever; fundedWei - claimedWei is held
        uint40 closableAfter; // last second before close; zero while no close was started
        bool opened;
    }

    event ChannelOpened(
        bytes32 indexed channelId,
        address indexed payer,
        uint32 indexed providerId,
        ChannelConfig config,
        uint96 amountWei
    );
    event ChannelToppedUp(bytes32 indexed channelId, uint96 amountWei);
    /// @param closableAfter last second in which the provider is sure to be able to claim
    event ChannelClosing(bytes32 indexed channelId, uint40 closableAfter);
    /// @notice What was not claimed went back to the payer.
    event ChannelClosed(bytes32 indexed channelId, uint96 returnedWei);
    /// @notice The provider gave back a part of what it had not claimed.
    event ChannelRefunded(bytes32 indexed channelId, uint96 amountWei);

    /// @notice Only the payer of the channel may do this.
    error NotPayer(address payer, address caller);
    /// @notice A channel with this id was opened before; another salt gives another id.
    error ChannelExists(bytes32 channelId);
    /// @notice No channel with this id was opened.
    error NoChannel(bytes32 channelId);
    /// @notice The delay of the close is outside its bounds.
    error BadWithdrawDelay(uint40 haveSeconds, uint40 minSeconds, uint40 maxSeconds);
    /// @notice The close was started already.
    error AlreadyClosing(bytes32 channelId, uint40 closableAfter);
    /// @notice The close was not started.
    error NotClosing(bytes32 channelId);
    /// @notice The channel holds less than that.
    error InsufficientChannel(bytes32 channelId, uint96 haveWei, uint96 needWei);

    /// @notice Moves `amountWei` from the caller's free balance into a new channel of which it is the payer.
    /// @return channelId EIP-712 digest of the config
    function openChannel(ChannelConfig calldata config, uint96 amountWei) external returns (bytes32 channelId);

    /// @notice Adds to a channel from the payer's free balance; ends a close that was started.
    function topUp(ChannelConfig calldata config, uint96 amountWei) external;

    /// @notice Payer: starts the delay after which the rest goes back.
    function startClose(ChannelConfig calldata config) external;

    /// @notice Returns what is not claimed to the payer, after the delay. Anybody may call.
    function close(ChannelConfig calldata config) external;

    /// @notice Provider's owner or signing key: gives back a part at once, without any delay.
    function refund(ChannelConfig calldata config, uint96 amountWei) external;

    /// @notice EIP-712 digest of a config in this deployment.
    function channelIdOf(ChannelConfig calldata config) external view returns (bytes32);
    /// @notice Stored state of a channel; all zero when it was never opened.
    function channelOf(bytes32 channelId) external view returns (Channel memory);
}
