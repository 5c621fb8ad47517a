// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ChannelConfig} from "../types/ChannelConfig.sol";

/// @title IChannelClaims
/// @notice A provider's side of channels: claims by cumulative vouchers, any number of channels in one call.
interface IChannelClaims {
    /// @notice One channel to claim from.
    struct ChannelClaim {
        ChannelConfig config;
        uint96 maxCumulativeWei; // as in the voucher
        uint96 cumulativeWei; // what was really used, at most maxCumulativeWei; claimed before included
    }

    /// @param amountWei claimed now, gross
    /// @param claimedWei claimed ever
    event ChannelClaimed(
        bytes32 indexed channelId, uint32 indexed providerId, uint96 amountWei, uint96 claimedWei
    );
    /// @notice A call of {claim} ended.
    /// @param earnedWei gross: the provider's fee is taken later, see IMeshTerms
    /// @param skippedMask bit i is set when claim i moved nothing
    event ClaimsPaid(uint32 indexed providerId, uint96 earnedWei, uint256 skippedMask);

    /// @notice Too many claims at once.
    error TooManyClaims(uint256 have, uint256 max);
    /// @notice Claims and packed signatures do not match in number.
    error BadSignatureCount(uint256 haveBytes, uint256 wantBytes);

    /// @notice Claims from channels of one provider. Called by its owner or signing key, since it decides how much of
    ///         each voucher was used.
    /// @dev A claim that gives nothing is skipped and blocks no other: another provider's channel, a channel that is
    ///      not open or empty, a wrong signature, more than the voucher says, nothing new. A channel that holds less
    ///      than the claim gives what it holds; the rest stays claimable.
    /// @param claims at most 256
    /// @param voucherSigs 65-byte Voucher signatures of the payer keys, concatenated
    /// @return skippedMask bit i is set when claim i moved nothing
    function claim(uint32 providerId, ChannelClaim[] calldata claims, bytes calldata voucherSigs)
        external
        returns (uint256 skippedMask);
}
