// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChannelWord} from "../types/ChannelWord.sol";
import {SeatStore} from "../verification/redundant/SeatStore.sol";

/// @title ChannelStore
/// @notice The one word per channel.
abstract contract ChannelStore is SeatStore {
    mapping(bytes32 channelId => ChannelWord) internal _channels;
}
