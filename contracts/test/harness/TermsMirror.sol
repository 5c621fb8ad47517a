// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMeshParams} from "../../src/interfaces/IMeshParams.sol";
import {ISyncTerms} from "../../src/interfaces/ISyncTerms.sol";
import {Terms} from "../../src/types/Terms.sol";

/// @notice Test only: pulls the terms and stores them, and does nothing else.
contract TermsMirror is ISyncTerms {
    IMeshParams private immutable params;

    uint8 public version;
    uint40 public effectiveAt;
    uint40 public frozenUntil;
    Terms public terms;

    constructor(IMeshParams params_) {
        params = params_;
    }

    function syncTerms() external {
        (version, terms, effectiveAt, frozenUntil) = params.current();
    }
}
