// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using VoucherLib for Voucher global;

/// @notice A payer's promise: all claims of this channel together may reach `maxCumulativeWei`. Signed by payerKey.
///         A later voucher replaces the earlier ones by being larger.
struct Voucher {
    bytes32 channelId; // digest of the ChannelConfig
    uint96 maxCumulativeWei; // DUCK wei since the channel was opened
}

/// @notice EIP-712 hashing of {Voucher}.
library VoucherLib {
    bytes32 internal constant TYPEHASH = keccak256("Voucher(bytes32 channelId,uint96 maxCumulativeWei)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(Voucher memory voucher) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, voucher.channelId, voucher.maxCumulativeWei));
    }
}
