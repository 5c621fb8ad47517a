// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {IProofVerifier} from "../../interfaces/IErc8274.sol";
import {IVerifierRouter} from "../../interfaces/IVerifierRouter.sol";

/// @title VerifierRouter
/// @notice Append-only table from selectors to verifiers. The owner is a timelock; the guardian can only take away.
contract VerifierRouter is IVerifierRouter, Ownable2Step {
    uint32 internal constant MIN_GAS_CAP = 10_000;
    uint32 internal constant MAX_GAS_CAP = 5_000_000;
    uint256 internal constant MAX_METADATA_BYTES = 1_024;

    /// @dev What is spent between the gas check and the first step of the adapter: its account may be cold (2,600).
    uint256 private constant CALL_GAS = 3_000;

    /// @inheritdoc IVerifierRouter
    address public guardian;

    /// @dev slot 0: adapter 160 | gasCap 32 | state 8; slot 1: profile; slot 2: metadata, in place up to 31 bytes.
    mapping(bytes4 selector => Entry) private _entries;

    constructor(address owner_, address guardian_) Ownable(owner_) {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IVerifierRouter
    function addVerifier(bytes4 selector, address adapter, uint32 gasCap, bytes calldata metadata) external onlyOwner {
        require(selector != 0, ZeroSelector());
        require(_entries[selector].state == State.None, SelectorTaken(selector));
        require(gasCap >= MIN_GAS_CAP && gasCap <= MAX_GAS_CAP, GasCapOutOfBounds(gasCap, MIN_GAS_CAP, MAX_GAS_CAP));
        require(metadata.length <= MAX_METADATA_BYTES, MetadataTooLong(metadata.length, MAX_METADATA_BYTES));
        bool declared = ERC165Checker.supportsInterface(adapter, type(IProofVerifier).interfaceId);
        require(declared, NotProofVerifier(adapter));
        bytes32 profile =
            keccak256(abi.encode(adapter, IProofVerifier(adapter).proofProfile(), keccak256(metadata)));
        _entries[selector] = Entry(adapter, gasCap, State.Active, profile, metadata);
        emit VerifierAdded(selector, adapter, gasCap, profile, metadata);
    }

    /// @inheritdoc IVerifierRouter
    function tombstone(bytes4 selector) external {
        require(msg.sender == owner() || msg.sender == guardian, NotGuardian(msg.sender));
        _activeEntry(selector).state = State.Tombstoned;
        emit SelectorTombstoned(selector, msg.sender);
    }

    /// @inheritdoc IVerifierRouter
    function setGuardian(address guardian_) external onlyOwner {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IVerifierRouter
    function verify(bytes4 selector, bytes32 inputHash, bytes32 outputHash, bytes calldata proof)
        external
        view
        returns (bool valid, bytes32 agentProofProfile)
    {
        Entry storage entry = _activeEntry(selector);
        agentProofProfile = entry.agentProofProfile;
        bytes memory input = abi.encodeCall(IProofVerifier.verify, (inputHash, outputHash, entry.metadata, proof));
        valid = _ask(entry.adapter, entry.gasCap, input);
    }

    /// @inheritdoc IVerifierRouter
    function entryOf(bytes4 selector) external view returns (Entry memory) {
        return _entries[selector];
    }

    /// @inheritdoc IVerifierRouter
    function isActive(bytes4 selector) external view returns (bool) {
        return _entries[selector].state == State.Active;
    }

    function _setGuardian(address guardian_) private {
        guardian = guardian_;
        emit GuardianSet(guardian_);
    }

    function _activeEntry(bytes4 selector) private view returns (Entry storage entry) {
        entry = _entries[selector];
        State state = entry.state;
        require(state != State.None, VerifierUnknown(selector));
        require(state != State.Tombstoned, VerifierTombstoned(selector));
    }

    /// @dev A call hands on at most 63/64 of the gas (EIP-150). Without the check the sender of the transaction could
    ///      starve the adapter and turn a valid proof into a false one.
    function _ask(address adapter, uint256 gasCap, bytes memory input) private view returns (bool valid) {
        uint256 have = gasleft();
        have -= have / 64;
        require(have >= gasCap + CALL_GAS, InsufficientGas(have, gasCap + CALL_GAS));
        assembly ("memory-safe") {
            let success := staticcall(gasCap, adapter, add(input, 0x20), mload(input), 0, 0x20)
            valid := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0), 1)))
        }
    }
}
