// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IProofVerifier} from "../../src/interfaces/IErc8274.sol";

/// @notice Test only: a verifier whose metadata says in its first byte how it behaves.
contract HostileVerifier is IProofVerifier, ERC165 {
    uint8 public constant SAYS_YES = 0;
    uint8 public constant SAYS_NO = 1;
    uint8 public constant BURNS_GAS = 2;
    uint8 public constant RETURNS_BOMB = 3;
    uint8 public constant REVERTS_WITH_BOMB = 4;
    uint8 public constant REVERTS_WITH_YES = 5;
    uint8 public constant RETURNS_TWO = 6;
    uint8 public constant RETURNS_SHORT_YES = 7;
    uint8 public constant RETURNS_NOTHING = 8;
    uint8 public constant WRITES = 9;
    uint8 public constant CALLS_BACK = 10;
    uint8 public constant NEEDS_GAS = 11;
    uint8 public constant RETURNS_LONG_YES = 12;

    uint256 private constant BOMB_BYTES = 50_000;

    uint256 public writes;
    address private _target;
    bytes private _data;

    /// @notice Sets the call made by CALLS_BACK.
    function arm(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    /// @dev CALLS_BACK says yes when its call went through; NEEDS_GAS when it was given more gas than bytes 1 to 4 say.
    function verify(bytes32, bytes32, bytes calldata metadata, bytes calldata) external returns (bool) {
        uint256 given = gasleft();
        uint8 behaviour = uint8(metadata[0]);
        if (behaviour == NEEDS_GAS) return given > uint32(bytes4(metadata[1:]));
        if (behaviour == BURNS_GAS) while (true) {}
        if (behaviour == WRITES) ++writes;
        if (behaviour == CALLS_BACK) {
            (bool ok,) = _target.call(_data);
            return ok;
        }
        _answer(behaviour);
        return behaviour != SAYS_NO;
    }

    function _answer(uint8 behaviour) private pure {
        if (behaviour == REVERTS_WITH_BOMB) _revert(BOMB_BYTES);
        if (behaviour == REVERTS_WITH_YES) _revert(0x20);
        if (behaviour == RETURNS_BOMB) _return(2, BOMB_BYTES);
        if (behaviour == RETURNS_TWO) _return(2, 0x20);
        if (behaviour == RETURNS_SHORT_YES) _return(1, 0x1f);
        if (behaviour == RETURNS_NOTHING) _return(1, 0);
        if (behaviour == RETURNS_LONG_YES) _return(1, BOMB_BYTES);
    }

    function _return(uint256 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }

    function _revert(uint256 size) private pure {
        assembly {
            mstore(0, 1)
            revert(0, size)
        }
    }

    function proofSystem() external pure returns (string memory) {
        return "op/hostile";
    }

    function proofProfile() external pure returns (bytes32) {
        return keccak256("hostile");
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IProofVerifier).interfaceId || super.supportsInterface(interfaceId);
    }
}
