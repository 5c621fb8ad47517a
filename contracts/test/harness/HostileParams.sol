// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../src/types/Terms.sol";

/// @notice Test only: governance that answers whatever it was told to.
contract HostileParams {
    Terms private _terms;

    constructor(Terms memory terms) {
        _terms = terms;
    }

    function setTerms(Terms calldata terms) external {
        _terms = terms;
    }

    function current() external view returns (uint8, Terms memory, uint40, uint40) {
        return (0, _terms, uint40(block.timestamp), 0);
    }
}
