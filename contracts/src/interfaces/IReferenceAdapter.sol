// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReferenceVerdict} from "../types/ReferenceVerdict.sol";

/// @title IReferenceAdapter
/// @notice Accepts a result when enough validators signed that it matches their reference answer. Metadata, 19 bytes
///         packed: uint128 validators (bit i = validator i counts), uint8 quorum, uint16 least scoreBps. The proof is
///         abi.encode(Verdict[]); every verdict in it must count.
/// @dev Warning: `false` means "not shown to match" and nothing else. A reference can be wrong too, so nobody may be
///      slashed for it; a doubted result is re-executed through {IDisputes-disputeJob}.
///      The meaning of a router entry is fixed by its metadata: validators are only ever added under new ids, and an entry
///      that names an id which does not exist yet accepts nothing. Retiring a validator can only take acceptance away.
interface IReferenceAdapter {
    /// @notice One validator's signature over ReferenceVerdict(taskInput, outputHash, true, scoreBps), as in EIP-2098.
    struct Verdict {
        uint8 validatorId;
        uint16 scoreBps; // how well the result matches, in 1/10,000
        bytes32 r;
        bytes32 vs;
    }

    event ValidatorAdded(uint8 indexed validatorId, address indexed key);
    /// @notice The validator's verdicts count no more, old ones included.
    event ValidatorRetired(uint8 indexed validatorId, address indexed by);

    /// @notice The zero address cannot sign.
    error ZeroValidator();
    /// @notice The key has or had an id.
    error ValidatorKnown(address key);
    /// @notice All ids are given out.
    error TooManyValidators(uint256 max);
    /// @notice The id was never given out.
    error ValidatorUnknown(uint8 validatorId);
    /// @notice The validator was retired before.
    error ValidatorIsRetired(uint8 validatorId);
    /// @notice Only the owner or the validator itself.
    error NotValidator(address caller);

    /// @notice Gives a key the next id. Owner only.
    function addValidator(address key) external returns (uint8 validatorId);

    /// @notice Takes a validator out for ever. Owner, or the validator itself when its key leaked.
    function retireValidator(uint8 validatorId) external;

    /// @notice What a validator signs. Verdicts with matches = false are statements for the parties; none counts here.
    function digestOf(ReferenceVerdict calldata verdict) external view returns (bytes32);

    /// @notice Key behind an id, retired or not; zero for an unknown one.
    function validatorOf(uint8 validatorId) external view returns (address);

    /// @notice Ids 0 .. validatorCount - 1 exist.
    function validatorCount() external view returns (uint8);

    /// @notice Bit i is set when validator i was retired.
    function retiredMask() external view returns (uint128);
}
