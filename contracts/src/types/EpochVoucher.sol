// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using EpochVoucherLib for EpochVoucher global;

/// @notice A payer's promise: in the epoch with this serial, up to `maxWei` of this purse may go to this provider.
///         Signed by the key of the purse. A later voucher replaces the earlier ones by being larger.
/// @dev It counts in one serial only. So the same voucher in another epoch is no answer to a challenge, and nothing has
///      to be stored about settled vouchers.
struct EpochVoucher {
    uint32 coordinatorId; // whose purse it is
    uint32 serial; // the coordinator's open serial when it was signed
    uint32 purseId; // number of the purse at that coordinator
    uint32 providerId; // who is paid
    uint96 maxWei; // DUCK wei, all of this serial together
}

/// @notice EIP-712 hashing of {EpochVoucher}.
library EpochVoucherLib {
    bytes32 internal constant TYPEHASH = keccak256(
        "EpochVoucher(uint32 coordinatorId,uint32 serial,uint32 purseId,uint32 providerId,uint96 maxWei)"
    );

    /// @notice hashStruct of EIP-712.
    function hashStruct(EpochVoucher memory voucher) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, voucher));
    }
}
