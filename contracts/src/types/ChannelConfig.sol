// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using ChannelConfigLib for ChannelConfig global;

/// @notice What a channel is, for ever. Passed in calldata, never stored; its digest is the channel's id.
struct ChannelConfig {
    address payer; // funds the channel, gets back what is not claimed
    address payerKey; // key that signs the vouchers; may be the payer itself
    uint32 providerId; // the only provider that can claim
    uint40 withdrawDelay; // seconds between startClose and close; the provider claims more often than that
    bytes32 salt; // tells apart channels of the same parties
}

/// @notice EIP-712 hashing of {ChannelConfig}.
library ChannelConfigLib {
    bytes32 internal constant TYPEHASH = keccak256(
        "ChannelConfig(address payer,address payerKey,uint32 providerId,uint40 withdrawDelay,bytes32 salt)"
    );

    uint256 private constant CONFIG_BYTES = 5 * 32;

    /// @notice hashStruct of EIP-712. Every field is static, so the calldata is the EIP-712 encoding already.
    /// @dev Copied as it is: a word with dirty high bits gives the id of a channel that cannot have been opened, since
    ///      opening reads every field.
    function hashStruct(ChannelConfig calldata config) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            calldatacopy(add(buffer, 0x20), config, CONFIG_BYTES)
            hash := keccak256(buffer, add(CONFIG_BYTES, 0x20))
        }
    }
}
