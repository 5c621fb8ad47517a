// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEvidenceAnchors} from "../interfaces/IEvidenceAnchors.sol";
import {InclusionProof} from "../libraries/InclusionProof.sol";

/// @title EvidenceAnchors
/// @notice Append-only sequences of Merkle roots, one sequence for each anchorer. No owner, no bond, no way back.
contract EvidenceAnchors is IEvidenceAnchors {
    struct Head {
        uint64 length;
        uint40 until;
    }

    mapping(address anchorer => Head) private _heads;
    mapping(address anchorer => mapping(uint64 sequence => bytes32)) private _commitments;

    /// @inheritdoc IEvidenceAnchors
    function anchor(uint64 sequence, bytes32 root, bytes32 dataHash, uint32 count, uint40 until) external {
        Head storage head = _heads[msg.sender];
        (uint64 next, uint40 from) = (head.length, head.until);
        require(sequence == next, NotNext(next));
        require(from < until && until <= block.timestamp, BadPeriod(from, until));
        require(count != 0, EmptyBatch());

        (head.length, head.until) = (next + 1, until);
        // the rest of a batch is in the event: its hash alone needs to be here
        _commitments[msg.sender][sequence] = _hash(Batch(root, dataHash, count, from, until));

        emit BatchAnchored(msg.sender, sequence, root, dataHash, count, from, until);
    }

    /// @inheritdoc IEvidenceAnchors
    function headOf(address anchorer) external view returns (uint64 length, uint40 until) {
        Head storage head = _heads[anchorer];
        return (head.length, head.until);
    }

    /// @inheritdoc IEvidenceAnchors
    function commitmentOf(address anchorer, uint64 sequence) external view returns (bytes32) {
        return _commitments[anchorer][sequence];
    }

    /// @inheritdoc IEvidenceAnchors
    function verify(
        address anchorer,
        uint64 sequence,
        Batch calldata batch,
        bytes32 evidenceHash,
        uint256 index,
        bytes32[] calldata path
    ) external view returns (bool) {
        return _commitments[anchorer][sequence] == _hash(batch)
            && InclusionProof.holds(batch.root, batch.count, evidenceHash, index, path);
    }

    function _hash(Batch memory batch) private pure returns (bytes32) {
        return keccak256(abi.encode(batch));
    }
}
