// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using ReceiptLib for Receipt global;

/// @notice A provider's statement of what it delivered. Signed by its signing key, kept off chain.
struct Receipt {
    bytes32 jobId; // EIP-712 digest of the order
    uint32 providerId;
    bytes32 outputHash; // canonical hash of the result
    bytes32 assignmentHash; // hashStruct of the Assignment; zero in the on-chain lane
    uint96 amountWei; // the seat's gross share, DUCK wei
    uint32 promptTokens;
    uint32 completionTokens;
    uint40 startedAt; // unix seconds
    uint40 finishedAt; // unix seconds
}

/// @notice EIP-712 hashing of {Receipt}.
library ReceiptLib {
    bytes32 internal constant TYPEHASH = keccak256(
        "Receipt(bytes32 jobId,uint32 providerId,bytes32 outputHash,bytes32 assignmentHash,uint96 amountWei,uint32 promptTokens,uint32 completionTokens,uint40 startedAt,uint40 finishedAt)"
    );

    uint256 private constant RECEIPT_BYTES = 9 * 32;

    /// @notice hashStruct of EIP-712. Every field is static, so the calldata is the EIP-712 encoding already.
    /// @dev Copied as it is: dirty high bits give a hash that no typed-data signer produces.
    function hashStruct(Receipt calldata receipt) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            calldatacopy(add(buffer, 0x20), receipt, RECEIPT_BYTES)
            hash := keccak256(buffer, add(RECEIPT_BYTES, 0x20))
        }
    }
}
