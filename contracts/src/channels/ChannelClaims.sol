// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IChannelClaims} from "../interfaces/IChannelClaims.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {ChannelWord, ChannelWordLib} from "../types/ChannelWord.sol";
import {Voucher} from "../types/Voucher.sol";
import {ChannelStore} from "./ChannelStore.sol";

/// @title ChannelClaims
/// @notice Pays providers from channels by cumulative vouchers.
abstract contract ChannelClaims is IChannelClaims, ChannelStore {
    /// @dev One bit of the mask for each claim.
    uint256 private constant MAX_CLAIMS = 256;

    /// @inheritdoc IChannelClaims
    function claim(uint32 providerId, ChannelClaim[] calldata claims, bytes calldata voucherSigs)
        external
        nonReentrant
        returns (uint256 skippedMask)
    {
        _requireOperator(providerId);
        uint256 count = claims.length;
        require(count <= MAX_CLAIMS, TooManyClaims(count, MAX_CLAIMS));
        uint256 wantBytes = count * Signatures.SIGNATURE_BYTES;
        require(voucherSigs.length == wantBytes, BadSignatureCount(voucherSigs.length, wantBytes));
        bytes32 domain = _domainSeparator();
        uint96 totalWei = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint96 amountWei = _claimOne(domain, providerId, claims[i], voucherSigs, i);
            if (amountWei == 0) skippedMask |= 1 << i;
            totalWei += amountWei;
        }
        _earn(providerId, totalWei);
        emit ClaimsPaid(providerId, totalWei, skippedMask);
    }

    /// @dev Takes what one voucher gives beyond what was claimed before; zero when that is nothing.
    function _claimOne(
        bytes32 domain,
        uint32 providerId,
        ChannelClaim calldata item,
        bytes calldata voucherSigs,
        uint256 index
    ) private returns (uint96 amountWei) {
        if (item.config.providerId != providerId || item.cumulativeWei > item.maxCumulativeWei) return 0;
        bytes32 channelId = MessageHashUtils.toTypedDataHash(domain, item.config.hashStruct());
        ChannelWord word = _channels[channelId];
        uint96 fundedWei = word.fundedWei();
        uint96 claimedWei = word.claimedWei();
        uint96 upToWei = item.cumulativeWei < fundedWei ? item.cumulativeWei : fundedWei;
        if (upToWei <= claimedWei) return 0;
        bytes32 digest =
            MessageHashUtils.toTypedDataHash(domain, Voucher(channelId, item.maxCumulativeWei).hashStruct());
        // A funded channel was opened, and opening refuses the zero key that a bad signature recovers to.
        if (Signatures.recoverAt(digest, voucherSigs, index) != item.config.payerKey) return 0;
        _channels[channelId] = ChannelWordLib.pack(fundedWei, upToWei, word.closableAfter());
        amountWei = upToWei - claimedWei;
        emit ChannelClaimed(channelId, providerId, amountWei, upToWei);
    }
}
