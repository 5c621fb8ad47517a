// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {Assignment} from "../../src/types/Assignment.sol";
import {Receipt} from "../../src/types/Receipt.sol";
import {Voucher} from "../../src/types/Voucher.sol";
import {AttackWallet} from "../harness/AttackWallet.sol";
import {HashHarness} from "../harness/HashHarness.sol";
import {FickleVerifier} from "./FickleVerifier.sol";
import {vm} from "./Vm.sol";

/// @notice Who acts in the mesh, and how they sign.
abstract contract MeshSigners {
    uint256 internal constant COORDINATOR_KEY = 0xC00D;
    uint32 public constant PROVIDERS = 6;
    /// @dev Two with a key, and a contract wallet that cannot be trusted.
    uint256 public constant REQUESTERS = 3;
    /// @dev The requesters, and the owner of the first provider.
    uint256 internal constant PAYERS = REQUESTERS + 1;
    uint256 private constant WALLET = 2;
    uint256 private constant OWNER_KEY = 0xD001;

    DuckToken public immutable token;
    IDuckMesh public immutable mesh;
    HashHarness private immutable _hasher;
    AttackWallet public immutable wallet;
    FickleVerifier public immutable verifier;
    address private immutable _firstOwner = vm.addr(OWNER_KEY);

    constructor(DuckToken token_, IDuckMesh mesh_, HashHarness hasher, AttackWallet wallet_, FickleVerifier verifier_) {
        token = token_;
        mesh = mesh_;
        verifier = verifier_;
        wallet = wallet_;
        _hasher = hasher;
    }

    function requester(uint256 index) public view returns (address) {
        return index == WALLET ? address(wallet) : vm.addr(_requesterKey(index));
    }

    function payer(uint256 index) public view returns (address) {
        return index == REQUESTERS ? owner(1) : requester(index);
    }

    function owner(uint32 id) public view returns (address) {
        return id == 1 ? _firstOwner : address(uint160(0x2000) + id);
    }

    function _hashOf(Assignment memory assignment) internal view returns (bytes32) {
        return _hasher.hashAssignment(assignment);
    }

    function _hashReceipt(Receipt memory receipt) internal view returns (bytes32) {
        return _hasher.hashReceipt(receipt);
    }

    function _hashVoucher(Voucher memory voucher) internal view returns (bytes32) {
        return _hasher.hashVoucher(voucher);
    }

    function _sign(uint256 key, bytes32 structHash) internal view returns (bytes memory) {
        return _signDigest(key, _hasher.digest(block.chainid, address(mesh), structHash));
    }

    function _signDigest(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _idOf(uint256 who) internal pure returns (uint32) {
        return uint32(who % PROVIDERS) + 1;
    }

    function _requesterKey(uint256 index) internal pure returns (uint256) {
        return 0xB000 + index;
    }

    /// @dev The wallet has none; what is signed for it is as good as anything else.
    function _keyOf(address account) internal view returns (uint256) {
        if (account == _firstOwner) return OWNER_KEY;
        return _requesterKey(account == requester(0) ? 0 : account == address(wallet) ? WALLET : 1);
    }

    /// @dev Of a provider that was not registered yet, its first one.
    function _signingKey(uint32 id) internal view returns (uint256) {
        return _keyAt(id, mesh.providerOf(id).keyEpoch);
    }

    function _keyAt(uint32 id, uint16 keyEpoch) internal pure returns (uint256) {
        return 0xA0000000 + (uint256(id) << 16) + keyEpoch;
    }
}
