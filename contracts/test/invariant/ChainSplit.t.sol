// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuckMesh} from "../../src/DuckMesh.sol";
import {DuckMeshExtension} from "../../src/DuckMeshExtension.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {Order} from "../../src/types/Order.sol";
import {Params} from "../../src/types/Params.sol";
import {HashHarness} from "../harness/HashHarness.sol";

interface ChainIdVm {
    function chainId(uint256 chainId) external;
}

/// @notice After a chain split the same contract lives on two chains; what is signed must serve one of them only.
contract ChainSplitTest {
    ChainIdVm private constant vm = ChainIdVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function testFuzz_signaturesOfTheOtherBranchAreVoid(uint64 otherChain, Order calldata order) public {
        if (otherChain == block.chainid) return;
        DuckToken token = new DuckToken(address(this));
        Params memory params = Params(address(1), 250, 1 ether, 1 days, 2 days);
        DuckMesh core = new DuckMesh(token, params, new DuckMeshExtension(token, params));
        IDuckMesh mesh = IDuckMesh(address(core));
        HashHarness hasher = new HashHarness();
        bytes32 before = mesh.jobIdOf(order);
        require(before == hasher.digest(block.chainid, address(mesh), hasher.hashOrder(order)), "digest before");
        vm.chainId(otherChain);
        bytes32 afterSplit = mesh.jobIdOf(order);
        require(afterSplit != before, "the digest outlived the split");
        require(afterSplit == hasher.digest(otherChain, address(mesh), hasher.hashOrder(order)), "digest after");
    }
}
