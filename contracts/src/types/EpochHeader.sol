// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using EpochHeaderLib for EpochHeader global;

/// @notice The two sides of an epoch: what purses pay, and what providers are paid. Each is a sum tree and a list of
///         totals of the same leaves.
enum Side {
    DEBITS, // accounts are purses, leaves ascend by (purseId, providerId)
    CREDITS // accounts are providers, leaves ascend by (providerId, purseId)
}

/// @notice Everything about a posted epoch that cannot change. Passed in calldata, never stored; its hash is its id.
struct EpochHeader {
    uint32 coordinatorId; // who posted it
    uint32 serial; // which vouchers it settles: those that name this number
    uint32 jobs; // number of jobs as the coordinator claims it; nothing depends on it
    uint16 feeBps; // protocol fee in 1/10,000, as it was when the epoch was posted
    uint40 postedAt; // unix seconds
    uint96 totalWei; // sum of all leaves, the same on both sides, DUCK wei
    uint96 bondWei; // the coordinator's bond at stake in this epoch, DUCK wei
    bytes32 debitsRoot; // root of the sum tree of the debits
    bytes32 creditsRoot; // root of the sum tree of the credits
    bytes32 debitsHash; // keccak256 of the packed totals of the purses
    bytes32 creditsHash; // keccak256 of the packed totals of the providers
}

/// @notice Reading of {EpochHeader}.
library EpochHeaderLib {
    /// @notice The id of an epoch.
    /// @dev The bond and the time are inside, so an epoch that was reverted and posted again has another id.
    function id(EpochHeader memory header) internal pure returns (bytes32) {
        return keccak256(abi.encode(header));
    }

    /// @notice Root of the sum tree of one side.
    function rootOf(EpochHeader calldata header, Side side) internal pure returns (bytes32) {
        return side == Side.DEBITS ? header.debitsRoot : header.creditsRoot;
    }

    /// @notice Hash of the packed totals of one side.
    function totalsHashOf(EpochHeader calldata header, Side side) internal pure returns (bytes32) {
        return side == Side.DEBITS ? header.debitsHash : header.creditsHash;
    }
}
