// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Test only: an ERC-1271 wallet that says yes to everything until it changes its mind, and that can call back
///         or answer with a bomb while it is asked.
contract AttackWallet {
    uint256 public constant SAYS_YES = 0;
    uint256 public constant SAYS_NO = 1;
    uint256 public constant CALLS_BACK = 2;
    uint256 public constant RETURNS_BOMB = 3;
    uint256 public constant REVERTS_WITH_BOMB = 4;
    uint256 public constant REVERTS_WITH_YES = 5;
    uint256 public constant BURNS_GAS = 6;

    uint256 private constant BOMB_BYTES = 50_000;

    uint256 public behaviour;
    address private _target;
    bytes private _data;

    function setBehaviour(uint256 behaviour_) external {
        behaviour = behaviour_;
    }

    function arm(address target, bytes calldata data) external {
        behaviour = CALLS_BACK;
        _target = target;
        _data = data;
    }

    function execute(address target, bytes calldata data) external {
        (bool ok,) = target.call(data);
        require(ok, "call failed");
    }

    /// @dev When it calls back, it says yes only if the victim refused the call.
    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        if (behaviour == SAYS_NO) return 0;
        if (behaviour == CALLS_BACK) {
            (bool ok,) = _target.call(_data);
            if (ok) return 0;
        }
        if (behaviour == RETURNS_BOMB) {
            assembly {
                return(0, BOMB_BYTES)
            }
        }
        if (behaviour == REVERTS_WITH_BOMB) {
            assembly {
                revert(0, BOMB_BYTES)
            }
        }
        if (behaviour == REVERTS_WITH_YES) {
            bytes4 yes = this.isValidSignature.selector;
            assembly {
                mstore(0, yes)
                revert(0, 0x20)
            }
        }
        if (behaviour == BURNS_GAS) {
            while (true) {}
        }
        return this.isValidSignature.selector;
    }
}
