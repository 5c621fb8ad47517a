// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IEpochCoordinators
/// @notice Bonded coordinators. A part of the bond is at stake in each of their epochs until that is applied.
interface IEpochCoordinators {
    /// @notice Everything known about a coordinator. Amounts are DUCK wei, times are unix seconds.
    struct Coordinator {
        address key; // posts epochs and signs credit notes; cannot be changed
        uint32 nextSerial; // serial of the next epoch, and of the vouchers to sign now; from 1
        uint40 presentAt; // last epoch, skip or registration
        uint96 freeBondWei; // bond that is not at stake in an epoch
        uint96 feesWei; // fees of its epochs and of redeemed vouchers that wait for the treasury
        address owner; // owns the bond, receives the deposits of answered challenges
        uint32 purseCount; // purses 1 .. purseCount exist
        uint40 exitAfter; // last second before the bond may leave; zero while no exit was started
    }

    event CoordinatorRegistered(uint32 indexed coordinatorId, address indexed owner, address indexed key);
    event BondAdded(uint32 indexed coordinatorId, uint96 amountWei);
    /// @param exitAfter last second before the bond may leave
    event ExitStarted(uint32 indexed coordinatorId, uint40 exitAfter);
    event BondWithdrawn(uint32 indexed coordinatorId, address indexed to, uint96 amountWei);

    /// @notice The zero address cannot sign.
    error ZeroCoordinatorKey();
    /// @notice The bond that is not at stake does not cover the amount.
    error InsufficientBond(uint32 coordinatorId, uint96 haveWei, uint96 needWei);
    /// @notice The exit was not started.
    error NotExiting(uint32 coordinatorId);
    /// @notice There is no coordinator with this id.
    error NoCoordinator(uint32 coordinatorId);

    /// @notice Registers the caller as owner of a new coordinator and takes its bond from approved DUCK.
    /// @param key its signatures are statements that the bond answers for; another key is another coordinator
    /// @param bondWei at least the bond of the smallest epoch
    /// @return coordinatorId ids count up from 1
    function registerCoordinator(address key, uint96 bondWei) external returns (uint32 coordinatorId);

    /// @notice Adds to the bond from the caller's approved DUCK, and ends an exit that was started. Owner only.
    function addBond(uint32 coordinatorId, uint96 amountWei) external;

    /// @notice Owner: announces that the bond will leave.
    /// @dev Warning: payers and providers should stop working with a coordinator that announced this. It can post as
    ///      long as its bond suffices; what is at stake in an open epoch cannot leave.
    function startExit(uint32 coordinatorId) external;

    /// @notice Owner: after the delay, sends the bond that is not at stake to `to`. May be repeated as epochs close.
    function withdrawBond(uint32 coordinatorId, address to) external;

    /// @notice All zero for an unknown id.
    function coordinatorOf(uint32 coordinatorId) external view returns (Coordinator memory);

    /// @notice Ids 1 .. coordinatorCount exist.
    function coordinatorCount() external view returns (uint32);
}
