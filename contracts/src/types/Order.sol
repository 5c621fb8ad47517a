// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using OrderLib for Order global;

/// @notice What a requester buys. Signed once as EIP-712 typed data, passed in calldata ever after, never stored.
/// @dev Field order is part of the type string. Amounts are DUCK wei, times are unix seconds, windows are seconds.
struct Order {
    address requester; // pays the price; signer of the order
    address coordinator; // the only party whose Assignments seat this order; zero = nobody may seat or dispute
    uint32 providerId; // the one provider that may accept; zero = any
    uint8 kind; // 0 inference, 1 wasm, 2 proof, 3 federated, 4 relay, 5 storage; not read on chain
    uint8 mode; // how the answer is verified, see JobMode
    uint8 seats; // redundant mode: number of seats, odd, 3..15; otherwise not read
    uint96 priceWei; // total price; each winning seat of a redundant job earns floor(priceWei / seats)
    uint96 bondWei; // locked per provider or seat, lost when wrong or silent
    bytes32 modelId; // sha256 of the model or program artefact
    bytes32 inputHash; // canonical hash of the request
    bytes32 policy; // canonical hash of the execution profile
    uint64 nonce; // one bit per requester, shared by every settlement path
    uint40 acceptBy; // last second to accept, or to anchor the first round of seats
    uint32 execWindow; // seconds to submit after accept, or to open after anchoring
    uint32 disputeWindow; // seconds after submit in which the result can be disputed
}

/// @notice EIP-712 hashing of {Order}.
library OrderLib {
    bytes32 internal constant TYPEHASH = keccak256(
        "Order(address requester,address coordinator,uint32 providerId,uint8 kind,uint8 mode,uint8 seats,uint96 priceWei,uint96 bondWei,bytes32 modelId,bytes32 inputHash,bytes32 policy,uint64 nonce,uint40 acceptBy,uint32 execWindow,uint32 disputeWindow)"
    );

    uint256 private constant ORDER_BYTES = 15 * 32;

    /// @notice hashStruct of EIP-712. Every field is static, so the calldata is the EIP-712 encoding already.
    /// @dev Copied as it is, which is much cheaper than field by field. A word with dirty high bits gives a hash that
    ///      no typed-data signer produces, and Solidity reverts wherever such a field is read.
    function hashStruct(Order calldata order) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            calldatacopy(add(buffer, 0x20), order, ORDER_BYTES)
            hash := keccak256(buffer, add(ORDER_BYTES, 0x20))
        }
    }

    /// @notice An empty order in memory with the type hash in the word before it, ready to be hashed where it lies.
    function allocate() internal pure returns (Order memory order) {
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, typehash)
            order := add(buffer, 0x20)
            calldatacopy(order, calldatasize(), ORDER_BYTES)
            mstore(0x40, add(order, ORDER_BYTES))
        }
    }

    /// @notice hashStruct of an order that {allocate} made; in memory fields lie as in calldata.
    function hashStructAllocated(Order memory order) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(sub(order, 0x20), add(ORDER_BYTES, 0x20))
        }
    }
}
