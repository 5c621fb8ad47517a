// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDuckMesh} from "../../interfaces/IDuckMesh.sol";
import {IJobConsumer} from "../../interfaces/IJobConsumer.sol";
import {DuckToken} from "../../token/DuckToken.sol";
import {Order} from "../../types/Order.sol";

/// @title OracleConsumer
/// @notice Example: a contract that pays for answers with its own DUCK and keeps them. The owner asks; anybody may serve,
///         finalize and deliver. Money that comes back is in its free balance in the mesh at once.
contract OracleConsumer is IJobConsumer {
    /// @notice An answer that arrived.
    struct Answer {
        bytes32 outputHash; // zero when there is no answer
        uint40 answeredAt; // unix seconds
        bytes output;
    }

    event Asked(bytes32 indexed jobId);
    event Answered(bytes32 indexed jobId, bytes32 outputHash);

    /// @notice Only the owner spends the money of this contract.
    error NotOwner(address caller);
    /// @notice Answers come from the courier only.
    error NotCourier(address caller);
    /// @notice Nobody could dispute the answer: the order has no coordinator, no bond, or too short a window.
    error Undisputable();

    /// @notice The least time in seconds for somebody to look at an answer and dispute it.
    uint32 public constant MIN_DISPUTE_SECONDS = 10 minutes;

    /// @notice Who asks and withdraws.
    address public immutable owner;
    /// @notice Where the DUCK of this contract are and its orders are served.
    IDuckMesh public immutable mesh;
    /// @notice The {IResultCallbacks} that brings the answers.
    address public immutable courier;

    mapping(bytes32 jobId => Answer) private _answers;

    modifier onlyOwner() {
        require(msg.sender == owner, NotOwner(msg.sender));
        _;
    }

    constructor(address owner_, IDuckMesh mesh_, address courier_) {
        owner = owner_;
        mesh = mesh_;
        courier = courier_;
    }

    /// @notice Moves approved DUCK of the owner to the free balance of this contract in the mesh.
    function fund(uint96 amountWei) external onlyOwner {
        DuckToken token = mesh.token();
        // DuckToken reverts on failure.
        token.transferFrom(owner, address(this), amountWei);
        token.approve(address(mesh), amountWei);
        mesh.deposit(amountWei);
    }

    /// @notice Posts an order of this contract.
    /// @param order `requester` is this contract; coordinator, bond and dispute window allow a dispute
    function ask(Order calldata order) external onlyOwner returns (bytes32 jobId) {
        require(
            order.coordinator != address(0) && order.bondWei != 0 && order.disputeWindow >= MIN_DISPUTE_SECONDS,
            Undisputable()
        );
        jobId = mesh.postJob(order);
        emit Asked(jobId);
    }

    /// @notice Takes an order back that nobody accepted. When a deadline passed, anybody expires it in the mesh.
    function cancel(Order calldata order) external onlyOwner {
        mesh.cancelJob(order);
    }

    /// @notice Sends free DUCK of this contract to `to`.
    function withdraw(uint96 amountWei, address to) external onlyOwner {
        mesh.withdraw(amountWei, to);
    }

    /// @inheritdoc IJobConsumer
    /// @dev The courier brings paid jobs of this contract only, and only `ask` posts those.
    function onJobResult(bytes32 jobId, bytes32 outputHash, bytes calldata output) external {
        require(msg.sender == courier, NotCourier(msg.sender));
        _answers[jobId] = Answer(outputHash, uint40(block.timestamp), output);
        emit Answered(jobId, outputHash);
    }

    /// @notice The answer to a job; all zero while there is none.
    function answerOf(bytes32 jobId) external view returns (Answer memory) {
        return _answers[jobId];
    }
}
