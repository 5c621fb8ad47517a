// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using StreamLib for Stream global;

/// @notice One request on a payment channel, with its prices. Nobody signs it; its digest is the job id of the receipt.
struct Stream {
    bytes32 channelId; // digest of the ChannelConfig that pays
    bytes32 requestHash; // canonical hash of the request
    bytes32 policy; // canonical hash of the execution profile
    uint8 mode; // see JobMode
    uint96 requestWei; // for the request as such
    uint96 promptTokenWei; // a token of the prompt
    uint96 tokenWei; // a token of the answer
    uint64 nonce; // never used before on the channel
    uint40 expiresAt; // last second in which the provider may begin
}

/// @notice EIP-712 hashing of {Stream}.
library StreamLib {
    bytes32 internal constant TYPEHASH = keccak256(
        "Stream(bytes32 channelId,bytes32 requestHash,bytes32 policy,uint8 mode,uint96 requestWei,uint96 promptTokenWei,uint96 tokenWei,uint64 nonce,uint40 expiresAt)"
    );

    uint256 private constant STREAM_BYTES = 9 * 32;

    /// @notice hashStruct of EIP-712. Every field is static, so the calldata is the EIP-712 encoding already.
    /// @dev Copied as it is: dirty high bits give a hash that no typed-data signer produces.
    function hashStruct(Stream calldata stream) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            calldatacopy(add(buffer, 0x20), stream, STREAM_BYTES)
            hash := keccak256(buffer, add(STREAM_BYTES, 0x20))
        }
    }
}
