// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Delegated} from "../extension/Delegated.sol";
import {IChannels} from "../interfaces/IChannels.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {ChannelConfig} from "../types/ChannelConfig.sol";
import {ChannelWord, ChannelWordLib} from "../types/ChannelWord.sol";
import {ChannelStore} from "./ChannelStore.sol";

/// @title Channels
/// @notice Opening, funding and closing of channels. Part of DuckMeshAccounts.
abstract contract Channels is IChannels, ChannelStore, Delegated {
    /// @dev A shorter delay than any useful claim cadence would let payers take back what they signed for.
    uint40 private constant MIN_WITHDRAW_DELAY = 15 minutes;
    uint40 private constant MAX_WITHDRAW_DELAY = 30 days;

    /// @inheritdoc IChannels
    function openChannel(ChannelConfig calldata config, uint96 amountWei)
        external
        delegated
        nonReentrant
        returns (bytes32 channelId)
    {
        require(msg.sender == config.payer, NotPayer(config.payer, msg.sender));
        _requireNotFrozen();
        require(config.payerKey != address(0), IProviderRegistry.ZeroKey());
        require(
            config.withdrawDelay >= MIN_WITHDRAW_DELAY && config.withdrawDelay <= MAX_WITHDRAW_DELAY,
            BadWithdrawDelay(config.withdrawDelay, MIN_WITHDRAW_DELAY, MAX_WITHDRAW_DELAY)
        );
        _activeKeyOf(config.providerId);
        channelId = _digestOf(config.hashStruct());
        require(!_channels[channelId].isOpened(), ChannelExists(channelId));
        _debit(msg.sender, _positive(amountWei));
        _channels[channelId] = ChannelWordLib.pack(amountWei, 0, 0);
        emit ChannelOpened(channelId, msg.sender, config.providerId, config, amountWei);
    }

    /// @inheritdoc IChannels
    function topUp(ChannelConfig calldata config, uint96 amountWei) external delegated nonReentrant {
        (bytes32 channelId, ChannelWord word) = _loadOwn(config);
        _debit(msg.sender, _positive(amountWei));
        _channels[channelId] = ChannelWordLib.pack(word.fundedWei() + amountWei, word.claimedWei(), 0);
        emit ChannelToppedUp(channelId, amountWei);
    }

    /// @inheritdoc IChannels
    function startClose(ChannelConfig calldata config) external delegated nonReentrant {
        (bytes32 channelId, ChannelWord word) = _loadOwn(config);
        uint40 closableAfter = word.closableAfter();
        require(closableAfter == 0, AlreadyClosing(channelId, closableAfter));
        closableAfter = uint40(block.timestamp + config.withdrawDelay);
        _channels[channelId] = ChannelWordLib.pack(word.fundedWei(), word.claimedWei(), closableAfter);
        emit ChannelClosing(channelId, closableAfter);
    }

    /// @inheritdoc IChannels
    function close(ChannelConfig calldata config) external delegated nonReentrant {
        (bytes32 channelId, ChannelWord word) = _loadChannel(config);
        uint40 closableAfter = word.closableAfter();
        require(closableAfter != 0, NotClosing(channelId));
        _requireAfter(closableAfter);
        uint96 returnedWei = word.heldWei();
        _channels[channelId] = ChannelWordLib.pack(word.claimedWei(), word.claimedWei(), 0);
        _credit(config.payer, returnedWei);
        emit ChannelClosed(channelId, returnedWei);
    }

    /// @inheritdoc IChannels
    function refund(ChannelConfig calldata config, uint96 amountWei) external delegated nonReentrant {
        _requireOperator(config.providerId);
        (bytes32 channelId, ChannelWord word) = _loadChannel(config);
        uint96 heldWei = word.heldWei();
        require(_positive(amountWei) <= heldWei, InsufficientChannel(channelId, heldWei, amountWei));
        _channels[channelId] =
            ChannelWordLib.pack(word.fundedWei() - amountWei, word.claimedWei(), word.closableAfter());
        _credit(config.payer, amountWei);
        emit ChannelRefunded(channelId, amountWei);
    }

    /// @inheritdoc IChannels
    function channelIdOf(ChannelConfig calldata config) external view returns (bytes32) {
        return _digestOf(config.hashStruct());
    }

    /// @inheritdoc IChannels
    function channelOf(bytes32 channelId) external view returns (Channel memory) {
        ChannelWord word = _channels[channelId];
        return Channel(word.fundedWei(), word.claimedWei(), word.closableAfter(), word.isOpened());
    }

    function _loadOwn(ChannelConfig calldata config) private view returns (bytes32, ChannelWord) {
        require(msg.sender == config.payer, NotPayer(config.payer, msg.sender));
        return _loadChannel(config);
    }

    function _loadChannel(ChannelConfig calldata config) private view returns (bytes32 channelId, ChannelWord word) {
        channelId = _digestOf(config.hashStruct());
        word = _channels[channelId];
        require(word.isOpened(), NoChannel(channelId));
    }
}
