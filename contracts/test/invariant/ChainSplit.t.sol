// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {Order} from "../../src/types/Order.sol";
import {HashHarness} from "../harness/HashHarness.sol";
import {MeshDeployment} from "./MeshDeployment.sol";

interface ChainIdVm {
    function chainId(uint256 chainId) external;
}

/// @notice After a chain split the same contract lives on two chains; what is signed must serve one of them only.
contract ChainSplitTest {
    ChainIdVm private constant vm = ChainIdVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function testFuzz_signaturesOfTheOtherBranchAreVoid(uint64 otherChain, Order calldata order) public {
        if (otherChain == block.chainid) return;
        DuckToken token = new DuckToken(address(this));
        (IDuckMesh mesh,) = MeshDeployment.deploy(token, address(1), address(1));
        HashHarness hasher = new HashHarness();
        bytes32 before = mesh.jobIdOf(order);
        require(before == hasher.digest(block.chainid, address(mesh), hasher.hashOrder(order)), "digest before");
        vm.chainId(otherChain);
        bytes32 afterSplit = mesh.jobIdOf(order);
        require(afterSplit != before, "the digest outlived the split");
        require(afterSplit == hasher.digest(otherChain, address(mesh), hasher.hashOrder(order)), "digest after");
    }
}
