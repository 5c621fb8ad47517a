// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

using ReferenceVerdictLib for ReferenceVerdict global;

/// @notice A validator's comparison of a result with a reference answer it computed or holds. Signed by the validator.
/// @dev `match` is a reserved word of Solidity.
struct ReferenceVerdict {
    bytes32 taskInput; // task, agent and input, see TaskInput
    bytes32 outputHash; // canonical hash of the result that was compared
    bool matches; // the result agrees with the reference
    uint16 scoreBps; // how well, in 1/10,000
}

/// @notice EIP-712 hashing of {ReferenceVerdict}.
library ReferenceVerdictLib {
    bytes32 internal constant TYPEHASH =
        keccak256("ReferenceVerdict(bytes32 taskInput,bytes32 outputHash,bool matches,uint16 scoreBps)");

    /// @notice hashStruct of EIP-712.
    function hashStruct(ReferenceVerdict memory v) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, v.taskInput, v.outputHash, v.matches, v.scoreBps));
    }
}
