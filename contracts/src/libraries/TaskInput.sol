// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The input hash that proofs are made for.
library TaskInput {
    /// @notice Ties an input to one task of one agent: without it whoever sees a proof could bring it as its own.
    function bind(bytes32 taskId, bytes32 agentId, bytes32 inputHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(taskId, agentId, inputHash));
    }
}
