// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The share of a seat.
contract SharesProof {
    /// @dev The unchecked block of _payWinners, and settleSeats.
    function winnersNeverEarnMoreThanThePrice(uint96 priceWei, uint8 seats, uint8 winners) external pure {
        require(seats >= 3 && seats <= 15 && winners <= seats);
        uint96 share = priceWei / seats;
        assert(uint256(share) * winners <= priceWei);
    }
}
