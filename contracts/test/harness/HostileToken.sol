// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../../src/interfaces/ILedger.sol";

/// @notice Test only: a token that keeps a wei of each transfer, or calls back into the mesh.
contract HostileToken {
    uint256 public constant totalSupply = 1e27;

    mapping(address account => uint256) public balanceOf;
    bool public reenters;

    function setReenters(bool reenters_) external {
        reenters = reenters_;
    }

    function transferFrom(address, address to, uint256 value) external returns (bool) {
        if (reenters) ILedger(msg.sender).deposit(1);
        balanceOf[to] += value - 1;
        return true;
    }
}
