// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Shares} from "../../src/libraries/Shares.sol";

/// @notice The real library: the fee of every amount is rounded down, so it never exceeds the amount.
/// @dev At two rates, that of the deployment and the highest: z3 does not decide the product of two unknowns. The tests
///      fuzz all rates.
contract FeeProof {
    function roundsDownAtTheFirstRate(uint96 grossWei) external pure {
        uint16 feeBps = 250;
        uint96 fee = Shares.feeDown(grossWei, feeBps);
        assert(uint256(fee) * Shares.BPS <= uint256(grossWei) * feeBps);
    }

    function roundsDownAtTheHighestRate(uint96 grossWei) external pure {
        uint16 feeBps = 1000;
        uint96 fee = Shares.feeDown(grossWei, feeBps);
        assert(uint256(fee) * Shares.BPS <= uint256(grossWei) * feeBps);
    }
}
