// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Shares} from "../../src/libraries/Shares.sol";

/// @notice Who gets what of a lost bond: nothing is lost and nothing is made.
contract BondProof {
    /// @dev takeOverJob and _divide: what does not burn goes to two.
    function isSplitWhole(uint96 bondWei) external pure {
        uint96 burned = Shares.burnedUp(bondWei);
        require(burned <= bondWei); // HalfProof
        uint96 half = (bondWei - burned) / 2;
        uint96 rest = bondWei - burned - half;
        assert(uint256(burned) + half + rest == bondWei);
        assert(rest >= half && rest <= uint256(half) + 1);
    }

    /// @dev _closeDecided: the winning judges share what does not burn, and the dust burns with the rest.
    function judgesShareAtMostTheRest(uint96 bondWei, uint96 burned, uint8 winners) external pure {
        require(burned <= bondWei); // HalfProof
        require(winners == 2 || winners == 3);
        uint96 each = (bondWei - burned) / winners;
        assert(uint256(each) * winners <= uint256(bondWei) - burned);
    }
}
