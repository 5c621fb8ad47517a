// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PackedTotals} from "../../src/libraries/PackedTotals.sol";
import {SumTree} from "../../src/libraries/SumTree.sol";
import {CreditNote} from "../../src/types/CreditNote.sol";
import {EpochVoucher} from "../../src/types/EpochVoucher.sol";
import {SumStep} from "../../src/types/SumProof.sol";

/// @notice Test only: what the TypeScript side of epochs is compared with.
contract EpochHarness {
    function leafHash(uint32 accountId, uint32 otherId, uint96 amountWei) external pure returns (bytes32) {
        return SumTree.leafHash(accountId, otherId, amountWei);
    }

    function climb(bytes32 hash, uint256 sumWei, SumStep[] calldata path, bytes32 root, uint256 totalWei)
        external
        pure
        returns (bool ok, uint256 fromWei)
    {
        return SumTree.climb(hash, sumWei, path, root, totalWei);
    }

    function intervalOf(bytes calldata list, uint32 id) external pure returns (uint256 fromWei, uint256 toWei) {
        return PackedTotals.intervalOf(list, id);
    }

    function hashVoucher(EpochVoucher calldata voucher) external pure returns (bytes32) {
        EpochVoucher memory copy = voucher;
        return copy.hashStruct();
    }

    function hashNote(CreditNote calldata note) external pure returns (bytes32) {
        CreditNote memory copy = note;
        return copy.hashStruct();
    }
}
