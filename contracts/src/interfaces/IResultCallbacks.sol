// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Order} from "../types/Order.sol";

/// @title IResultCallbacks
/// @notice Brings answers to the contracts that bought them ({IJobConsumer}). A courier: it checks the bytes against
///         what the mesh stored, calls with capped gas, and remembers which jobs arrived. A consumer that reverts, burns
///         its gas or returns a bomb hurts nobody but itself, and no payment waits for it.
///
///         For every job whose output hash the mesh keeps when it is paid: those of the on-chain lane, and redundant
///         jobs that were anchored.
interface IResultCallbacks {
    /// @notice The requester took its answer.
    event ResultDelivered(bytes32 indexed jobId, address indexed requester, bytes32 outputHash);
    /// @notice The requester refused its answer; anybody may try again.
    /// @param reason first four bytes of what it reverted with
    event CallbackFailed(bytes32 indexed jobId, address indexed requester, bytes4 reason);

    /// @notice The job is not paid (yet).
    error NotPaid(bytes32 jobId, uint8 status);
    /// @notice The hash of the bytes does not begin with the 168 bits that the mesh keeps.
    error WrongOutput(bytes32 outputHash, uint168 outputTag);
    /// @notice The answer arrived before.
    error AlreadyDelivered(bytes32 jobId);
    /// @notice The requester has no code that could be called.
    error NotAContract(address requester);
    /// @notice The transaction has not enough gas to give the consumer all of {CALLBACK_GAS}.
    error NotEnoughGas(uint256 haveGas, uint256 needGas);

    /// @notice Brings the answer to a paid job to its requester. Anybody may call.
    /// @dev Warning: the mesh keeps 168 bits of an output hash. A provider that searched 2^84 hashes before it submitted
    ///      could have two answers that both fit. Do not let an answer decide about more than that is worth.
    /// @param output the bytes whose keccak256 is the output hash
    /// @return delivered false when the requester refused
    function deliver(Order calldata order, bytes calldata output) external returns (bool delivered);

    /// @notice Finalizes the job first, if nobody did. {IJobMarket-finalizeJob} alone never needs this contract.
    function finalizeAndDeliver(Order calldata order, bytes calldata output) external returns (bool delivered);

    /// @notice True when the requester took its answer.
    function isDelivered(bytes32 jobId) external view returns (bool);

    /// @notice Gas of a callback, no less and no more.
    function CALLBACK_GAS() external view returns (uint256);
}
