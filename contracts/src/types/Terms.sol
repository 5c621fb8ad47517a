// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";

using TermsLib for Terms global;

/// @notice What governance can change for new work, within {TermsLib}'s bounds.
struct Terms {
    uint16 feeBps; // protocol fee in 1/10,000 of what providers earn, at most 1000
    uint16 minBondBps; // smallest bond in 1/10,000 of the price, at most 50,000 (five times the price)
    uint32 maxJobLifeSeconds; // from entering an order to its last deadline, 1 minute .. 90 days
}

/// @notice Bounds that no vote can move.
library TermsLib {
    uint16 internal constant MAX_FEE_BPS = 1000;
    uint16 internal constant MAX_MIN_BOND_BPS = 50_000;
    uint32 internal constant MIN_JOB_LIFE_SECONDS = 1 minutes;
    uint32 internal constant MAX_JOB_LIFE_SECONDS = 90 days;

    /// @notice Reverts with {ILedger-OutOfBounds}, which names the field.
    function requireInBounds(Terms memory terms) internal pure {
        require(terms.feeBps <= MAX_FEE_BPS, ILedger.OutOfBounds("feeBps", terms.feeBps));
        require(terms.minBondBps <= MAX_MIN_BOND_BPS, ILedger.OutOfBounds("minBondBps", terms.minBondBps));
        require(
            terms.maxJobLifeSeconds >= MIN_JOB_LIFE_SECONDS && terms.maxJobLifeSeconds <= MAX_JOB_LIFE_SECONDS,
            ILedger.OutOfBounds("maxJobLifeSeconds", terms.maxJobLifeSeconds)
        );
    }
}
