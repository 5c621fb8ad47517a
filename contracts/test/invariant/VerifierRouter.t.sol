// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {ReferenceAdapter} from "../../src/verification/adapters/ReferenceAdapter.sol";
import {VerifierRouter} from "../../src/verification/router/VerifierRouter.sol";
import {vm} from "./Vm.sol";

/// @notice Owner, guardian and a stranger do what they can to eight selectors; every call must go as the rules say.
contract RouterHandler {
    address public constant OWNER = address(0xA11CE);
    address public constant GUARDIAN = address(0x6A);
    uint256 public constant SELECTORS = 8;

    IVerifierRouter public immutable router = new VerifierRouter(OWNER, GUARDIAN);
    address[2] private _adapters = [address(new ReferenceAdapter(OWNER)), address(new ReferenceAdapter(OWNER))];

    mapping(bytes4 selector => IVerifierRouter.State) public stateOf;
    mapping(bytes4 selector => bytes32) public meaningOf;

    function selectorAt(uint256 index) public pure returns (bytes4) {
        return bytes4(uint32(1 + index % SELECTORS));
    }

    function add(uint256 index, bool second, uint16 gas_, bytes4 metadata, uint8 who) external {
        bytes4 selector = selectorAt(index);
        address adapter = _adapters[second ? 1 : 0];
        address caller = _caller(who);
        vm.prank(caller);
        try router.addVerifier(selector, adapter, 10_000 + uint32(gas_), abi.encodePacked(metadata)) {
            require(caller == OWNER && stateOf[selector] == IVerifierRouter.State.None, "added against the rules");
            stateOf[selector] = IVerifierRouter.State.Active;
            meaningOf[selector] = currentMeaning(selector);
        } catch {
            require(caller != OWNER || stateOf[selector] != IVerifierRouter.State.None, "refused against the rules");
        }
    }

    function tombstone(uint256 index, uint8 who) external {
        bytes4 selector = selectorAt(index);
        address caller = _caller(who);
        bool may = caller == OWNER || caller == GUARDIAN;
        vm.prank(caller);
        try router.tombstone(selector) {
            require(may && stateOf[selector] == IVerifierRouter.State.Active, "tombstone against the rules");
            stateOf[selector] = IVerifierRouter.State.Tombstoned;
        } catch {
            require(!may || stateOf[selector] != IVerifierRouter.State.Active, "tombstone refused against the rules");
        }
    }

    /// @notice Everything about an entry but its state.
    function currentMeaning(bytes4 selector) public view returns (bytes32) {
        IVerifierRouter.Entry memory entry = router.entryOf(selector);
        return keccak256(abi.encode(entry.adapter, entry.gasCap, entry.agentProofProfile, entry.metadata));
    }

    function _caller(uint8 who) private pure returns (address) {
        if (who % 4 == 0) return address(0xBAD);
        return who % 4 == 1 ? GUARDIAN : OWNER;
    }
}

/// @notice A selector means one thing for ever, whatever anybody does.
contract VerifierRouterTest {
    RouterHandler private _handler;

    function setUp() public {
        _handler = new RouterHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_selectorsKeepTheirMeaning() public view {
        IVerifierRouter router = _handler.router();
        for (uint256 i = 0; i < _handler.SELECTORS(); ++i) {
            bytes4 selector = _handler.selectorAt(i);
            IVerifierRouter.State state = _handler.stateOf(selector);
            require(router.entryOf(selector).state == state, "state moved on its own");
            require(router.isActive(selector) == (state == IVerifierRouter.State.Active), "wrong activity");
            if (state == IVerifierRouter.State.None) continue;
            require(_handler.currentMeaning(selector) == _handler.meaningOf(selector), "meaning changed");
        }
    }
}
