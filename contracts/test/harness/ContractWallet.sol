// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signatures} from "../../src/libraries/Signatures.sol";

/// @notice Test only: an ERC-1271 wallet that can be honest or hostile.
contract ContractWallet {
    uint256 public constant HONEST = 0;
    uint256 public constant BURNS_GAS = 1;
    uint256 public constant RETURNS_LONG_ANSWER = 2;
    uint256 public constant RETURNS_SHORT_ANSWER = 3;

    address private immutable _owner = msg.sender;
    uint256 public behaviour;

    function setBehaviour(uint256 behaviour_) external {
        behaviour = behaviour_;
    }

    /// @notice Calls anything on behalf of the owner.
    function execute(address target, bytes calldata data) external {
        require(msg.sender == _owner, "not owner");
        (bool ok,) = target.call(data);
        require(ok, "call failed");
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4 answer) {
        answer = Signatures.recover(digest, signature) == _owner ? this.isValidSignature.selector : bytes4(0xffffffff);
        if (behaviour == BURNS_GAS) {
            while (true) {}
        }
        if (behaviour == RETURNS_LONG_ANSWER) {
            assembly {
                mstore(0, answer)
                return(0, 10000)
            }
        }
        if (behaviour == RETURNS_SHORT_ANSWER) {
            assembly {
                mstore(0, answer)
                return(0, 4)
            }
        }
    }
}
