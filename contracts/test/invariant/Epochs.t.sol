// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochSettler} from "../../src/epochs/EpochSettler.sol";
import {IEpochCoordinators} from "../../src/interfaces/IEpochCoordinators.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {EpochParams} from "../../src/types/EpochParams.sol";
import {EpochHarness} from "../harness/EpochHarness.sol";
import {EpochHandler} from "./EpochHandler.sol";
import {MeshDeployment} from "./MeshDeployment.sol";
import {vm} from "./Vm.sol";

/// @notice What must hold in the EpochSettler after any sequence of calls.
contract EpochsTest {
    address private constant TREASURY = address(0x7EA5);
    uint8 private constant EVENTS = 9;

    DuckToken private _token;
    EpochSettler private _settler;
    EpochHandler private _handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        _token = new DuckToken(address(this));
        (IDuckMesh mesh,) = MeshDeployment.deploy(_token, TREASURY, address(this));
        for (uint256 i = 0; i < 4; ++i) {
            _registerProvider(mesh, vm.addr(100 + i));
        }
        _settler = new EpochSettler(_token, address(mesh), EpochParams(1_800, 900, 3_600, 10_000, 20 ether, 1 ether));
        _handler = new EpochHandler(_token, _settler, new EpochHarness());
        _token.transfer(address(_handler), 1e26);
        _handler.start();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice Every wei is in a purse, an epoch, a challenge, a bond, or waits for a provider, the treasury or an address.
    function invariant_tokensAreConserved() public view {
        IEpochCoordinators.Coordinator memory coordinator = _settler.coordinatorOf(1);
        uint256 sum = uint256(coordinator.freeBondWei) + coordinator.feesWei + _settler.owedOf(address(_handler));
        for (uint32 id = 1; id <= _handler.PURSES(); ++id) {
            sum += _settler.purseOf(1, id).balanceWei;
        }
        for (uint32 id = 1; id <= _handler.PROVIDERS(); ++id) {
            sum += _settler.earningsOf(id);
        }
        require(_token.balanceOf(address(_settler)) == sum + _handler.heldForEpochs(), "tokens not conserved");
    }

    /// @notice A purse has what was put in, less what left, was redeemed, or is in an epoch that was not refunded.
    function invariant_eachPurseIsConserved() public view {
        for (uint32 id = 1; id <= _handler.PURSES(); ++id) {
            require(_settler.purseOf(1, id).balanceWei == _handler.expectedWei(id), "purse not conserved");
        }
    }

    /// @notice Whatever happened, permissionless calls close every epoch and everybody gets everything out.
    function testFuzz_drains(uint256 seed) public {
        _actRandomly(seed, 60);
        invariant_tokensAreConserved();
        invariant_eachPurseIsConserved();
        _handler.drain();
        require(_token.balanceOf(address(_settler)) == 0, "tokens left behind");
    }

    /// @notice The random actors do get everywhere; otherwise the invariants would hold for lack of events.
    function test_actorsReachEverything() public {
        for (uint256 seed = 1; seed <= 20; ++seed) {
            _actRandomly(seed, 60);
        }
        for (uint8 i = 0; i < EVENTS; ++i) {
            require(_handler.reached(i) != 0, string(abi.encodePacked("never reached ", bytes1(48 + i))));
        }
    }

    function _actRandomly(uint256 seed, uint256 steps) private {
        for (uint256 step = 0; step < steps; ++step) {
            _act(uint256(keccak256(abi.encode(seed, step))));
        }
    }

    function _act(uint256 random) private {
        uint32 a = uint32(random >> 16);
        uint32 b = uint32(random >> 48);
        uint96 wei_ = uint96(random >> 80);
        uint96 more = uint96(random >> 160);
        uint256 action = random % 22;
        if (action <= 3) _handler.post(a, b, wei_, more, a ^ b, action == 3);
        else if (action <= 5) _handler.challenge(a, wei_);
        else if (action <= 7) _handler.answer(a);
        else if (action <= 12) _handler.close(a, b);
        else if (action == 13) _handler.proveUnderpaid(a, wei_);
        else if (action == 14) _handler.skipAndRedeem(a, b, uint32(more), wei_);
        else if (action == 15) _handler.reserve(a, wei_);
        else if (action <= 17) _handler.unreserve(a, wei_, b % 4 == 0);
        else if (action == 18) _handler.bond(wei_, uint8(b));
        else if (action == 19) _handler.takeOut(a);
        else _handler.warp(uint16(a));
    }

    function _registerProvider(IDuckMesh mesh, address owner) private {
        _token.transfer(owner, 100 ether);
        vm.prank(owner);
        _token.approve(address(mesh), 100 ether);
        vm.prank(owner);
        mesh.deposit(100 ether);
        vm.prank(owner);
        mesh.registerProvider(owner, bytes32(0), "", 100 ether);
    }
}
