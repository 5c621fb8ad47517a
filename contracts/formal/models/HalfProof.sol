// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Shares} from "../../src/libraries/Shares.sol";

/// @notice The real library: the burned half of every bond.
contract HalfProof {
    /// @dev So at least half burns, at most half and a wei, and never more than the bond: twice something is not one.
    function isRoundedUp(uint96 bondWei) external pure {
        uint256 twice = uint256(Shares.burnedUp(bondWei)) * 2;
        assert(twice == bondWei || twice == uint256(bondWei) + 1);
    }
}
