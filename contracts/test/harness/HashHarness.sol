// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Assignment} from "../../src/types/Assignment.sol";
import {AuctionResult, AuctionResultLib} from "../../src/types/AuctionResult.sol";
import {ChannelConfig} from "../../src/types/ChannelConfig.sol";
import {KeyRotation} from "../../src/types/KeyRotation.sol";
import {Order} from "../../src/types/Order.sol";
import {Receipt} from "../../src/types/Receipt.sol";
import {SeatCommit, SeatCommitLib} from "../../src/types/SeatCommit.sol";
import {SeatReveal} from "../../src/types/SeatReveal.sol";
import {ProofClaim} from "../../src/types/ProofClaim.sol";
import {Stream} from "../../src/types/Stream.sol";
import {Voucher} from "../../src/types/Voucher.sol";

/// @notice Test only: the hashes that golden vectors and the TypeScript side are compared with.
contract HashHarness {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    function hashOrder(Order calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashAssignment(Assignment calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashSeatCommit(SeatCommit calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashSeatReveal(SeatReveal calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashAuctionResult(AuctionResult calldata value) external pure returns (bytes32) {
        return AuctionResultLib.hashStruct(value.jobId, value.bids);
    }

    function hashReceipt(Receipt calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashKeyRotation(KeyRotation calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashChannelConfig(ChannelConfig calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashProofClaim(ProofClaim calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashStream(Stream calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function hashVoucher(Voucher calldata value) external pure returns (bytes32) {
        return value.hashStruct();
    }

    function commitmentOf(bytes32 jobId, uint8 round, uint32 providerId, bytes32 outputHash, bytes32 salt)
        external
        pure
        returns (bytes32)
    {
        return SeatCommitLib.commitmentOf(jobId, round, providerId, outputHash, salt);
    }

    /// @notice Digest of a struct hash in the DuckMesh domain of any chain and address.
    function digest(uint256 chainId, address verifyingContract, bytes32 structHash) external pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("DuckMesh"), keccak256("1"), chainId, verifyingContract)
        );
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }
}
