// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IJobConsumer} from "../../src/interfaces/IJobConsumer.sol";

/// @notice Test only: a contract that buys jobs and does what it can to hurt whoever brings the answer.
contract HostileConsumer is IJobConsumer, IERC1271 {
    uint256 public constant TAKES_IT = 0;
    uint256 public constant REFUSES = 1;
    uint256 public constant BURNS_GAS = 2;
    uint256 public constant RETURNS_BOMB = 3;
    uint256 public constant REVERTS_WITH_BOMB = 4;
    uint256 public constant CALLS_BACK = 5;

    uint256 private constant BOMB_BYTES = 100_000;

    error Refused(uint256 behaviour);

    uint256 public behaviour;
    uint256 public gasSeen;
    bytes32 public hashSeen;
    uint256 public callsAccepted;
    bytes4 public callError;
    mapping(bytes32 digest => bool) public orders;
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

    function sign(bytes32 digest) external {
        orders[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return orders[digest] ? this.isValidSignature.selector : bytes4(0xffffffff);
    }

    function onJobResult(bytes32, bytes32 outputHash, bytes calldata) external {
        uint256 gasAtStart = gasleft();
        if (behaviour == REFUSES) revert Refused(behaviour);
        if (behaviour == BURNS_GAS) {
            while (true) {}
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
        if (behaviour == CALLS_BACK) {
            (bool ok, bytes memory answer) = _target.call(_data);
            if (ok) ++callsAccepted;
            callError = bytes4(answer);
        }
        gasSeen = gasAtStart;
        hashSeen = outputHash;
    }
}
