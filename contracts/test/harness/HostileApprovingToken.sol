// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CallbackToken} from "./CallbackToken.sol";

/// @notice Test only: the token that calls back in the middle of every movement, for spenders that ask for approval.
contract HostileApprovingToken is CallbackToken {
    function approve(address, uint256) external pure returns (bool) {
        return true;
    }
}
