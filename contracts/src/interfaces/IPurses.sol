// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IPurses
/// @notice Money that a payer puts aside for the epochs of one coordinator. Nothing else can take it.
/// @dev Warning: only a balance that is not on its way out is sure. Who serves against vouchers compares the sum of all
///      vouchers of the open serial with balanceWei - leavingWei. For one cadence after a serial was skipped no balance
///      of its coordinator is sure: vouchers of that serial can still be redeemed from it.
interface IPurses {
    /// @notice Everything known about a purse. Amounts are DUCK wei.
    struct Purse {
        address payer; // gets back what is not spent
        uint40 leavesAfter; // last second before leavingWei may leave; zero while nothing was announced
        address key; // signs the vouchers, by plain ECDSA; cannot be changed; may be the payer itself
        uint96 leavingWei; // announced to leave; an epoch that is posted before may still spend it
        uint96 balanceWei; // what is left, leavingWei included
    }

    event PurseOpened(
        uint32 indexed coordinatorId,
        uint32 indexed purseId,
        address indexed payer,
        address key
    );
    event Reserved(uint32 indexed coordinatorId, uint32 indexed purseId, uint96 amountWei);
    /// @param leavesAfter last second before the amount may leave
    event UnreserveStarted(
        uint32 indexed coordinatorId,
        uint32 indexed purseId,
        uint96 amountWei,
        uint40 leavesAfter
    );
    event Unreserved(
        uint32 indexed coordinatorId,
        uint32 indexed purseId,
        address indexed to,
        uint96 amountWei
    );

    /// @notice The zero address cannot sign.
    error ZeroPurseKey();
    /// @notice There is no purse with this number.
    error NoPurse(uint32 coordinatorId, uint32 purseId);
    /// @notice Nothing was announced to leave.
    error NothingLeaving(uint32 coordinatorId, uint32 purseId);

    /// @notice Opens a purse of the caller at a coordinator and fills it from approved DUCK.
    /// @param key signs the vouchers; a contract wallet names a key here, since only plain ECDSA cannot be taken back
    /// @return purseId purses of a coordinator count up from 1
    function openPurse(uint32 coordinatorId, address key, uint96 amountWei) external returns (uint32 purseId);

    /// @notice Adds the caller's approved DUCK to a purse; anybody may.
    function reserve(uint32 coordinatorId, uint32 purseId, uint96 amountWei) external;

    /// @notice Payer: announces that up to `amountWei` will leave. Replaces an earlier announcement and starts anew;
    ///         zero ends it.
    function startUnreserve(uint32 coordinatorId, uint32 purseId, uint96 amountWei) external;

    /// @notice Payer: after the delay, sends what was announced to `to`, or as much of it as is left.
    function unreserve(uint32 coordinatorId, uint32 purseId, address to) external;

    /// @notice All zero for an unknown number.
    function purseOf(uint32 coordinatorId, uint32 purseId) external view returns (Purse memory);
}
