// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IProviderRegistry
/// @notice Staked identities. An owner address has at most one provider; a provider has one signing key at a time.
///         Each open job or seat locks its bond inside the stake, and only locked bonds can be slashed.
interface IProviderRegistry {
    /// @notice Everything known about a provider. Amounts are DUCK wei, times are unix seconds.
    struct Provider {
        address owner; // funds the stake, receives all earnings
        address signingKey; // signs seat commitments and receipts, may call on behalf of the provider
        uint16 keyEpoch; // number of key rotations so far
        uint40 registeredAt;
        uint40 lastSeen; // registration or last heartbeat
        uint96 stakedWei; // active stake, locked part included
        uint96 lockedWei; // sum of the bonds of open jobs
        uint96 unstakingWei; // on its way out
        uint40 unstakeAt; // first second at which unstakingWei can leave
    }

    event ProviderRegistered(
        uint32 indexed providerId,
        address indexed owner,
        address indexed signingKey,
        bytes32 profileHash,
        string endpoint
    );
    event ProviderUpdated(uint32 indexed providerId, bytes32 profileHash, string endpoint);
    event StakeAdded(uint32 indexed providerId, uint96 amountWei);
    /// @param unstakeAt first second at which the whole unstaking amount can leave
    event UnstakeStarted(uint32 indexed providerId, uint96 amountWei, uint40 unstakeAt);
    event UnstakeCancelled(uint32 indexed providerId, uint96 amountWei);
    event UnstakeFinished(uint32 indexed providerId, address indexed to, uint96 amountWei);
    event KeyRotated(uint32 indexed providerId, address indexed newKey, uint16 keyEpoch);
    event Heartbeat(uint32 indexed providerId, uint40 seenAt);
    /// @notice A bond was lost: bond = toRequester + toSeats + burned, and burned is at least half.
    /// @param reason 1 minority, 2 silent, 3 copied, 4 late, 5 dispute lost, 6 equivocation
    /// @param toSeats to the seats that judged a dispute, or to the reporter of an equivocation
    event ProviderSlashed(
        uint32 indexed providerId,
        bytes32 indexed jobId,
        uint8 reason,
        uint96 toRequester,
        uint96 toSeats,
        uint96 burned
    );

    /// @notice The caller is neither owner nor signing key of the provider.
    error NotProvider(uint32 providerId, address caller);
    /// @notice The caller does not own the provider.
    error NotOwner(uint32 providerId, address caller);
    /// @notice The owner already has a provider.
    error AlreadyRegistered(address owner, uint32 providerId);
    /// @notice The signing key belongs to a provider already.
    error KeyTaken(address signingKey, uint32 providerId);
    /// @notice The zero address cannot sign.
    error ZeroKey();
    /// @notice The stake would be below the minimum.
    error StakeBelowMinimum(uint96 haveWei, uint96 minWei);
    /// @notice The provider is unknown or its stake fell below the minimum.
    error ProviderInactive(uint32 providerId);
    /// @notice The unlocked stake does not cover the amount.
    error InsufficientStake(uint32 providerId, uint96 freeWei, uint96 needWei);
    /// @notice Nothing is on its way out.
    error NothingUnstaking(uint32 providerId);

    /// @notice Registers the caller as owner of a new provider; the stake comes from the caller's free balance.
    /// @dev Warning: registration does not prove that the caller holds `signingKey`. A key can be squatted that way,
    ///      which gives the squatter nothing (signatures name the provider id); the holder registers another key.
    /// @param profileHash canonical hash of the execution profiles offered
    /// @param endpoint URL at which the provider's node is reached; only emitted
    /// @return providerId ids count up from 1
    function registerProvider(address signingKey, bytes32 profileHash, string calldata endpoint, uint96 stakeWei)
        external
        returns (uint32 providerId);

    /// @notice Adds to the stake from the owner's free balance.
    function stake(uint32 providerId, uint96 amountWei) external;

    /// @notice Sends unlocked stake on its way out. A second call adds to it and starts the delay anew.
    function startUnstake(uint32 providerId, uint96 amountWei) external;

    /// @notice Puts everything on its way out back into the active stake.
    function cancelUnstake(uint32 providerId) external;

    /// @notice After the delay, sends the tokens to `to`.
    function finishUnstake(uint32 providerId, address to) external;

    /// @notice Replaces the signing key.
    /// @param proof signature of `newKey` over KeyRotation(providerId, newKey, current epoch + 1)
    function rotateKey(uint32 providerId, address newKey, bytes calldata proof) external;

    /// @notice Says that an idle provider is alive; a working one is seen by the events of its jobs.
    function heartbeat(uint32 providerId) external;

    /// @notice Announces a new profile or endpoint; only emitted.
    function setEndpoint(uint32 providerId, bytes32 profileHash, string calldata endpoint) external;

    /// @notice All zero for an unknown id.
    function providerOf(uint32 providerId) external view returns (Provider memory);
    /// @notice Zero when `owner` has no provider.
    function providerIdOf(address owner) external view returns (uint32);
    /// @notice Zero when no provider signs with `signingKey` now.
    function providerIdByKey(address signingKey) external view returns (uint32);
    /// @notice Ids 1 .. providerCount exist.
    function providerCount() external view returns (uint32);
    /// @notice True when the provider's stake allows it to take new jobs.
    function isActive(uint32 providerId) external view returns (bool);
}
