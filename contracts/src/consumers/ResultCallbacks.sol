// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {IJobClosing} from "../interfaces/IJobClosing.sol";
import {IJobConsumer} from "../interfaces/IJobConsumer.sol";
import {IResultCallbacks} from "../interfaces/IResultCallbacks.sol";
import {JobStatus, JobWordLib} from "../types/JobWord.sol";
import {Order} from "../types/Order.sol";

/// @title ResultCallbacks
/// @notice The courier of one mesh. No owner; holds nothing but one bit for each job.
contract ResultCallbacks is IResultCallbacks, ReentrancyGuardTransient {
    /// @inheritdoc IResultCallbacks
    uint256 public constant CALLBACK_GAS = 500_000;
    /// @dev A call passes on at most 63/64 of the gas that is left (EIP-150) after its own cost. The 64th, about 7,900, is
    ///      enough for what follows the call.
    uint256 private constant NEEDED_GAS = CALLBACK_GAS * 64 / 63 + 5_000;

    /// @notice The mesh whose answers are brought.
    IDuckMesh public immutable mesh;

    /// @inheritdoc IResultCallbacks
    mapping(bytes32 jobId => bool) public isDelivered;

    constructor(IDuckMesh mesh_) {
        mesh = mesh_;
    }

    /// @inheritdoc IResultCallbacks
    function deliver(Order calldata order, bytes calldata output) external nonReentrant returns (bool) {
        bytes32 jobId = mesh.jobIdOf(order);
        return _deliver(order.requester, jobId, mesh.jobOf(jobId), output);
    }

    /// @inheritdoc IResultCallbacks
    function finalizeAndDeliver(Order calldata order, bytes calldata output) external nonReentrant returns (bool) {
        bytes32 jobId = mesh.jobIdOf(order);
        // Who finalizes a moment before does not stop the delivery.
        if (mesh.jobOf(jobId).status == JobStatus.SUBMITTED) mesh.finalizeJob(order);
        return _deliver(order.requester, jobId, mesh.jobOf(jobId), output);
    }

    function _deliver(address requester, bytes32 jobId, IJobClosing.Job memory job, bytes calldata output)
        private
        returns (bool delivered)
    {
        require(job.status == JobStatus.PAID, NotPaid(jobId, job.status));
        require(!isDelivered[jobId], AlreadyDelivered(jobId));
        bytes32 outputHash = keccak256(output);
        require(JobWordLib.outputTagOf(outputHash) == job.tag, WrongOutput(outputHash, uint168(job.tag)));
        require(requester.code.length != 0, NotAContract(requester));
        isDelivered[jobId] = true;
        bytes4 reason;
        (delivered, reason) = _call(requester, abi.encodeCall(IJobConsumer.onJobResult, (jobId, outputHash, output)));
        if (delivered) {
            emit ResultDelivered(jobId, requester, outputHash);
        } else {
            isDelivered[jobId] = false;
            emit CallbackFailed(jobId, requester, reason);
        }
    }

    /// @dev Reads four bytes of return data at most. A caller cannot make a callback fail by bringing too little gas.
    function _call(address consumer, bytes memory input) private returns (bool ok, bytes4 reason) {
        require(gasleft() >= NEEDED_GAS, NotEnoughGas(gasleft(), NEEDED_GAS));
        uint256 gasLimit = CALLBACK_GAS;
        assembly ("memory-safe") {
            mstore(0, 0)
            ok := call(gasLimit, consumer, 0, add(input, 0x20), mload(input), 0, 4)
            reason := mload(0)
        }
    }
}
