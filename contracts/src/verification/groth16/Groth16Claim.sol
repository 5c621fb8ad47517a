// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TaskInput} from "../../libraries/TaskInput.sol";

/// @notice What the bytes of a Groth16 proof say about a task. They are abi.encode of the fields in this order.
struct Groth16Claim {
    bytes32 taskId;
    bytes32 agentId;
    bytes32 modelId;
    bytes32 requestInputHash;
    bytes32 policy;
    uint256[8] proof;
    uint256[] results;
    uint256[] request;
}

using Groth16Claims for Groth16Claim global;

/// @notice Reads claims in place and connects them with the task that they are about.
library Groth16Claims {
    /// @dev Up to the lengths of both lists.
    uint256 private constant LEAST_BYTES = 17 * 32;

    /// @notice The claim in `encoded`. Reverts when it is too short for one; its lists are checked when they are read.
    function read(bytes calldata encoded) internal pure returns (Groth16Claim calldata claim) {
        if (encoded.length < LEAST_BYTES) revert();
        assembly ("memory-safe") {
            claim := encoded.offset
        }
    }

    /// @notice True when the claim is about this task, with this output and the request that was signed.
    /// @param inputHash as whoever settles the task binds it to task and agent
    /// @param outputHash hash of the results
    function isBound(Groth16Claim calldata claim, bytes32 inputHash, bytes32 outputHash) internal pure returns (bool) {
        bytes32 taskInput = keccak256(abi.encode(claim.modelId, claim.requestInputHash, claim.policy));
        return inputHash == TaskInput.bind(claim.taskId, claim.agentId, taskInput)
            && outputHash == keccak256(abi.encode(claim.results))
            && claim.requestInputHash == keccak256(abi.encode(claim.request));
    }

    /// @notice The last public signal of every circuit: it ties a proof to one task of one agent.
    /// @return the high 248 bits of the hash of both, which are always below the group order
    function context(Groth16Claim calldata claim) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(claim.taskId, claim.agentId))) >> 8;
    }

    /// @notice The public signals of the circuit: results, request, context.
    function signals(Groth16Claim calldata claim) internal pure returns (uint256[] memory all) {
        (uint256[] calldata results, uint256[] calldata request) = (claim.results, claim.request);
        uint256 count = results.length + request.length;
        all = new uint256[](count + 1);
        for (uint256 index = 0; index < results.length; ++index) {
            all[index] = results[index];
        }
        for (uint256 index = 0; index < request.length; ++index) {
            all[results.length + index] = request[index];
        }
        all[count] = context(claim);
    }
}
