// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IVerifierRouter
/// @notice Names for verifiers that never change their meaning. The first four bytes of an order's policy are the
///         selector of the verifier its requester chose; nobody can point it at another one later.
///
///         none -> Active -> Tombstoned
/// @dev Only verifiers without proxy belong here: what they accept at a selector is given by their code and the stored
///      metadata, and by what these two name. Warning: metadata must name only what exists already (a measurement, a
///      validator); otherwise whoever creates it later decides what the selector means.
interface IVerifierRouter {
    /// @notice Where a selector is in its life; there is no way back.
    enum State {
        None,
        Active,
        Tombstoned
    }

    /// @notice What stands behind a selector.
    struct Entry {
        address adapter; // an IProofVerifier
        uint32 gasCap; // gas it is given, all of it, in every call
        State state;
        bytes32 agentProofProfile; // of ERC-8274, taken when the entry was added
        bytes metadata; // handed to the adapter in every call
    }

    /// @notice A selector got its meaning.
    event VerifierAdded(
        bytes4 indexed selector, address indexed adapter, uint32 gasCap, bytes32 agentProofProfile, bytes metadata
    );
    /// @notice The selector accepts nothing from now on, for ever.
    /// @param by the owner or the guardian
    event SelectorTombstoned(bytes4 indexed selector, address indexed by);
    /// @notice Another account may set tombstones; zero = the owner alone.
    event GuardianSet(address indexed guardian);

    /// @notice The selector was never given a verifier.
    error VerifierUnknown(bytes4 selector);
    /// @notice The verifier was taken out of service.
    error VerifierTombstoned(bytes4 selector);
    /// @notice The selector has a meaning already, or had one.
    error SelectorTaken(bytes4 selector);
    /// @notice Zero is not a selector: it is what an unset policy begins with.
    error ZeroSelector();
    /// @notice The address does not declare IProofVerifier through ERC-165.
    error NotProofVerifier(address adapter);
    /// @notice The gas cap is outside what a block can bear or a verifier can use.
    error GasCapOutOfBounds(uint32 have, uint32 min, uint32 max);
    /// @notice The metadata would be costly to load in every call.
    error MetadataTooLong(uint256 haveBytes, uint256 maxBytes);
    /// @notice Only the owner or the guardian sets tombstones.
    error NotGuardian(address caller);
    /// @notice The transaction has too little gas to give the verifier its full share, so there is no answer.
    error InsufficientGas(uint256 have, uint256 need);

    /// @notice Gives a selector its meaning, once. Owner only.
    /// @param gasCap gas of every call; measure the dearest honest proof with cold storage and add a margin
    /// @param metadata the adapter documents its form
    function addVerifier(bytes4 selector, address adapter, uint32 gasCap, bytes calldata metadata) external;

    /// @notice Takes a selector out of service for ever. Owner or guardian.
    /// @dev Warning: jobs under way with this selector cannot be proven any more. A settlement contract must not punish
    ///      their provider for that: see {isActive}.
    function tombstone(bytes4 selector) external;

    /// @notice Names the account that may set tombstones beside the owner. Owner only.
    function setGuardian(address guardian_) external;

    /// @notice Asks the verifier behind `selector`. Reverts when there is none or the gas does not reach.
    /// @dev The adapter is called by STATICCALL, although ERC-8274 lets it write: single use is the business of the
    ///      agent verifier, and a call that cannot write cannot re-enter. It gets exactly its gas cap; one word of its
    ///      answer is read. Whoever reverts, runs out of that gas or answers anything but `true` said false.
    /// @return valid true when the verifier said true
    /// @return agentProofProfile of the entry, on both outcomes
    function verify(bytes4 selector, bytes32 inputHash, bytes32 outputHash, bytes calldata proof)
        external
        view
        returns (bool valid, bytes32 agentProofProfile);

    /// @notice The account that may set tombstones beside the owner; zero = none.
    function guardian() external view returns (address);

    /// @notice All zero for a selector that was never given.
    function entryOf(bytes4 selector) external view returns (Entry memory);

    /// @notice True while the selector can be verified with.
    function isActive(bytes4 selector) external view returns (bool);
}
