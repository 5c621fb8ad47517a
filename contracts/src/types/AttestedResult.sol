// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using AttestedResultLib for AttestedResult global;

/// @notice An enclave's statement of what it computed. Signed by the enclave's key.
struct AttestedResult {
    bytes32 taskInput; // task, agent and input, see TaskInput
    bytes32 outputHash; // canonical hash of the result
}

/// @notice EIP-712 hashing of {AttestedResult}.
library AttestedResultLib {
    bytes32 internal constant TYPEHASH = keccak256("AttestedResult(bytes32 taskInput,bytes32 outputHash)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(AttestedResult memory r) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, r.taskInput, r.outputHash));
    }
}
