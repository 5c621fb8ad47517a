// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assignment} from "../types/Assignment.sol";
import {Order} from "../types/Order.sol";

/// @title ISeatSettlement
/// @notice The short way of the redundant mode: the seats exchange their signed commitments off chain, then reveal.
///         When all gave the same output, one transaction pays them. When one is silent or differs, the commitments are
///         anchored and the long way of IRedundantMode decides and slashes.
/// @dev A seat reveals only when it holds the signed commitments of all seats of its assignment, and once. A seat that
///      shows another commitment later has signed two for one assignment, which {IEquivocation-proveSeatEquivocation}
///      slashes.
interface ISeatSettlement {
    /// @notice All seats gave `outputHash`; each earned `shareWei`, gross, and the rest of the price never moved.
    event SeatsSettled(bytes32 indexed jobId, bytes32 indexed outputHash, uint96 shareWei, uint32[] seats);

    /// @notice No output has the hash zero.
    error ZeroOutput();

    /// @notice Pays floor(price / seats) to every seat, up to the second acceptBy + execWindow. Anybody may bring the
    ///         signatures.
    /// @param orderSig requester's signature (ECDSA or ERC-1271)
    /// @param assignmentSig signature of order.coordinator over the assignment of round 0
    /// @param salts opening each seat's commitment to `outputHash`, in seat order
    /// @param revealSigs 65-byte SeatReveal signatures of the signing keys, concatenated in seat order
    function settleSeats(
        Order calldata order,
        bytes calldata orderSig,
        Assignment calldata assignment,
        bytes calldata assignmentSig,
        bytes32 outputHash,
        bytes32[] calldata salts,
        bytes calldata revealSigs
    ) external;
}
