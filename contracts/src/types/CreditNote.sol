// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using CreditNoteLib for CreditNote global;

/// @notice A coordinator's promise: its epoch with this serial credits at least `totalWei` to this provider. Signed by
///         the coordinator's key, handed over with each job. A later note replaces the earlier ones by being larger.
struct CreditNote {
    uint32 coordinatorId; // who promises
    uint32 serial; // the epoch it promises it for
    uint32 providerId; // to whom
    uint96 totalWei; // gross, DUCK wei, all payers of this serial together
}

/// @notice EIP-712 hashing of {CreditNote}.
library CreditNoteLib {
    bytes32 internal constant TYPEHASH =
        keccak256("CreditNote(uint32 coordinatorId,uint32 serial,uint32 providerId,uint96 totalWei)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(CreditNote memory note) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, note));
    }
}
