// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IEvidenceAnchors
/// @notice Roots of batches of evidence, so that nobody can change, drop or back-date what was in one. Anybody anchors
///         under its own address; nothing is owned, bonded or ever removed.
/// @dev An anchor says that the anchorer stood behind these leaves no later than its block. It says nothing about whether
///      a leaf is true: its signatures do.
interface IEvidenceAnchors {
    /// @notice One batch. Fits one storage slot as a hash.
    struct Batch {
        bytes32 root; // of the Merkle tree over the evidence hashes, RFC 9162 with keccak256
        bytes32 dataHash; // keccak256 of the published batch file
        uint32 count; // leaves
        uint40 from; // unix seconds: end of the anchorer's previous batch, 0 for its first
        uint40 until; // unix seconds: the evidence was taken in later than `from` and no later than this
    }

    /// @notice A batch was anchored.
    event BatchAnchored(
        address indexed anchorer,
        uint64 indexed sequence,
        bytes32 root,
        bytes32 dataHash,
        uint32 count,
        uint40 from,
        uint40 until
    );

    /// @notice Only this sequence number can be anchored now: the batch was anchored before, or one is left out.
    error NotNext(uint64 next);
    /// @notice The batch ends before it begins, or in the future.
    error BadPeriod(uint40 from, uint40 until);
    /// @notice A batch has at least one leaf.
    error EmptyBatch();

    /// @notice Anchors the caller's next batch. Its period begins where the previous one ended, so one anchorer never has
    ///         two roots for one moment, nor a gap.
    /// @param sequence number of the batch, from 0; a transaction that is sent twice reverts
    /// @param until unix seconds, later than the previous batch's and no later than now
    function anchor(uint64 sequence, bytes32 root, bytes32 dataHash, uint32 count, uint40 until) external;

    /// @notice How far an anchorer has come.
    /// @return length batches so far, which is the sequence number of the next
    /// @return until end of the last one, unix seconds
    function headOf(address anchorer) external view returns (uint64 length, uint40 until);

    /// @notice Hash of an anchored batch: keccak256 of its ABI encoding; zero for one that is not there.
    function commitmentOf(address anchorer, uint64 sequence) external view returns (bytes32);

    /// @notice Whether evidence is in a batch that was anchored.
    /// @param batch all of it, as the event shows it
    /// @param evidenceHash versioned hash of the statement, before the leaf prefix
    /// @param index position of the leaf, from 0
    /// @param path siblings from the leaf up
    function verify(
        address anchorer,
        uint64 sequence,
        Batch calldata batch,
        bytes32 evidenceHash,
        uint256 index,
        bytes32[] calldata path
    ) external view returns (bool);
}
