// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IJobConsumer
/// @notice A contract that buys jobs and wants the answer brought to it.
interface IJobConsumer {
    /// @notice The answer to a paid job of this contract.
    /// @dev Warning: everybody can call this. Accept it from the {IResultCallbacks} that you chose and from nobody else.
    ///      Warning: paid means that nobody won a dispute in the dispute window. An order without coordinator, without
    ///      bond or with a short window cannot be disputed by anybody in time, and its answer is the provider's word.
    ///      Warning: runs with {IResultCallbacks-CALLBACK_GAS}. What needs more than that is never delivered; keep the
    ///      hash and do the work in another call.
    /// @param jobId digest of the order
    /// @param outputHash keccak256 of `output`
    /// @param output the answer. Of an inference: its canonical JSON (RFC 8785) in UTF-8
    function onJobResult(bytes32 jobId, bytes32 outputHash, bytes calldata output) external;
}
