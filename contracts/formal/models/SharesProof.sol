// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Shares} from "../../src/libraries/Shares.sol";

/// @notice The real library, for every input: what the models take for granted of fees and shares.
contract SharesProof {
    /// @dev fee * BPS <= gross * feeBps with feeBps <= BPS gives fee <= gross.
    function feeRoundsDown(uint96 grossWei, uint16 feeBps) external pure {
        require(feeBps <= 1000);
        assert(uint256(Shares.feeDown(grossWei, feeBps)) * Shares.BPS <= uint256(grossWei) * feeBps);
    }

    function halfBurnsRoundedUp(uint96 bondWei) external pure {
        uint96 burned = Shares.burnedUp(bondWei);
        assert(burned <= bondWei);
        assert(uint256(burned) * 2 >= bondWei);
        assert(uint256(burned) * 2 <= uint256(bondWei) + 1);
    }

    /// @dev The unchecked block of _payWinners.
    function winnersNeverEarnMoreThanThePrice(uint96 priceWei, uint8 seats, uint8 winners) external pure {
        require(seats >= 3 && seats <= 15 && winners <= seats);
        uint96 share = priceWei / seats;
        assert(uint256(share) * winners <= priceWei);
    }
}
