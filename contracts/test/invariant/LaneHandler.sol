// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChannelClaims} from "../../src/interfaces/IChannelClaims.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {ChannelConfig} from "../../src/types/ChannelConfig.sol";
import {JobMode} from "../../src/types/JobMode.sol";
import {Order} from "../../src/types/Order.sol";
import {Receipt} from "../../src/types/Receipt.sol";
import {Voucher} from "../../src/types/Voucher.sol";
import {AttackWallet} from "../harness/AttackWallet.sol";
import {HashHarness} from "../harness/HashHarness.sol";
import {FickleVerifier} from "./FickleVerifier.sol";
import {MeshHandler} from "./MeshHandler.sol";
import {vm} from "./Vm.sol";

/// @notice Random calls of the lanes that store no job: signed orders, packed batches, channels, and proofs of
///         equivocation.
abstract contract LaneHandler is MeshHandler {
    /// @dev Items of a packed batch, all of one payer.
    uint256 private constant BATCH = 3;

    /// @dev One channel and the most that was ever claimed from it.
    struct TrackedChannel {
        ChannelConfig config;
        bytes32 id;
        uint96 claimedWei;
    }

    TrackedChannel[] private _channels;
    uint64[] private _settledNonces;
    address[] private _settledBy;

    constructor(
        DuckToken token_,
        IDuckMesh mesh_,
        HashHarness hasher,
        AttackWallet wallet_,
        FickleVerifier verifier_
    ) MeshHandler(token_, mesh_, hasher, wallet_, verifier_) {}

    function channelCount() external view returns (uint256) {
        return _channels.length;
    }

    function channel(uint256 index) external view returns (TrackedChannel memory) {
        return _channels[index];
    }

    function settledCount() external view returns (uint256) {
        return _settledNonces.length;
    }

    function settled(uint256 index) external view returns (address requester_, uint64 nonce) {
        return (_settledBy[index], _settledNonces[index]);
    }

    /// @notice Settles a new order, or one of a recent nonce again, in which case it must be refused.
    function settle(uint256 who, uint256 provider, uint96 priceWei, uint96 amountWei, bool again) external watched {
        Order memory order = _newOrder(who, priceWei, 0, JobMode.SIGNED);
        bool replays = again && _settledNonces.length != 0;
        if (replays) {
            uint256 index = who % _settledNonces.length;
            order.nonce = _settledNonces[index];
            order.requester = _settledBy[index];
        }
        uint32 id = _idOf(provider);
        (Receipt memory receipt, bytes memory receiptSig) = _receipt(order, id, amountWei % 1_000 ether, 0);
        try mesh.settle(order, _signAs(order), receipt, receiptSig) {
            require(!replays, "nonce settled twice");
            require(receipt.amountWei <= order.priceWei, "paid more than the price");
            _requireWilling(order.requester);
            _noteNonce(order);
            _count("settle");
        } catch {}
    }

    /// @notice Settles a batch with random faults and compares the outcome with the preview made just before.
    function settlePacked(uint256 who, uint256 provider, uint96 priceWei, uint256 faults) external watched {
        uint32 id = _idOf(provider);
        Order memory order = _newOrder(who, priceWei, 0, JobMode.SIGNED);
        bytes memory items = _template(order);
        items = bytes.concat(items, abi.encodePacked(order.requester, uint16(BATCH)));
        uint64[BATCH] memory nonces;
        for (uint256 i = 0; i < BATCH; ++i) {
            uint256 fault = (faults >> (8 * i)) % 16;
            if (fault != 1 && i != 0) order.nonce = ++_nonce;
            nonces[i] = order.nonce;
            items = bytes.concat(items, _item(order, fault));
        }
        bytes32 header = bytes32(uint256(id) | (1 << 32) | (1 << 40));
        uint8[] memory preview = _preview(header, items);
        vm.prank(vm.addr(_signingKey(id)));
        try mesh.settlePacked(header, items) returns (uint256 failedMask) {
            for (uint256 i = 0; i < BATCH; ++i) {
                bool failed = failedMask & (1 << i) != 0;
                require(failed == (preview[i] != 0), "preview was wrong");
                if (failed) {
                    _count("batchItemSkipped");
                    continue;
                }
                _count("batchItemSettled");
                order.nonce = nonces[i];
                _noteNonce(order);
            }
        } catch {}
    }

    function collectFees(uint32 id) external watched {
        uint32[] memory ids = new uint32[](2);
        ids[0] = 1 + id % PROVIDERS;
        ids[1] = ids[0];
        mesh.collectFees(ids);
        _count("collectFees");
    }

    function openChannel(uint256 who, uint256 provider, uint96 amountWei, uint40 delay) external watched {
        uint256 index = who % REQUESTERS;
        bytes32 salt = bytes32(_channels.length % 8);
        uint40 withdrawDelay = 15 minutes + delay % 1 hours;
        ChannelConfig memory config =
            ChannelConfig(requester(index), vm.addr(_requesterKey(index)), _idOf(provider), withdrawDelay, salt);
        vm.prank(config.payer);
        try mesh.openChannel(config, 1 + amountWei % 5_000 ether) returns (bytes32 id) {
            _channels.push(TrackedChannel(config, id, 0));
            _count("openChannel");
        } catch {}
    }

    function topUp(uint256 which, uint96 amountWei) external watched {
        if (_channels.length == 0) return;
        ChannelConfig memory config = _channels[which % _channels.length].config;
        vm.prank(config.payer);
        try mesh.topUp(config, 1 + amountWei % 100 ether) {
            _count("topUp");
        } catch {}
    }

    /// @notice Claims by an honest voucher, or by one that somebody else signed.
    function claim(uint256 which, uint96 cumulativeWei, bool forged) external watched {
        if (_channels.length == 0) return;
        TrackedChannel storage tracked = _channels[which % _channels.length];
        uint96 maxWei = cumulativeWei % 10_000 ether;
        IChannelClaims.ChannelClaim[] memory claims = new IChannelClaims.ChannelClaim[](1);
        claims[0] = IChannelClaims.ChannelClaim(tracked.config, maxWei, maxWei);
        uint256 key = forged ? COORDINATOR_KEY : _keyOf(tracked.config.payer);
        bytes memory signature = _sign(key, _hashVoucher(Voucher(tracked.id, maxWei)));
        uint96 before = mesh.channelOf(tracked.id).claimedWei;
        vm.prank(owner(tracked.config.providerId));
        uint256 skippedMask = mesh.claim(tracked.config.providerId, claims, signature);
        uint96 afterwards = mesh.channelOf(tracked.id).claimedWei;
        require(afterwards == before || (!forged && afterwards <= maxWei && skippedMask == 0), "claimed too much");
        require(afterwards >= before, "claimed fell");
        if (afterwards > before) _count("claim");
        tracked.claimedWei = afterwards;
    }

    function startClose(uint256 which) external watched {
        if (_channels.length == 0) return;
        ChannelConfig memory config = _channels[which % _channels.length].config;
        vm.prank(config.payer);
        try mesh.startClose(config) {
            _count("startClose");
        } catch {}
    }

    function closeChannel(uint256 which) external watched {
        if (_channels.length == 0) return;
        try mesh.close(_channels[which % _channels.length].config) {
            _count("closeChannel");
        } catch {}
    }

    function refund(uint256 which, uint96 amountWei) external watched {
        if (_channels.length == 0) return;
        ChannelConfig memory config = _channels[which % _channels.length].config;
        vm.prank(owner(config.providerId));
        try mesh.refund(config, 1 + amountWei % 100 ether) {
            _count("refund");
        } catch {}
    }

    /// @notice One provider in a while signs two outputs; its key is burnt, so it ends up acting through its owner.
    function equivocate(uint256 who, uint256 provider) external watched {
        // Seldom and of one provider only, so that signatures of the others keep everything going.
        if (who % 8 != 0) return;
        uint32 id = provider % 4 == 0 ? PROVIDERS : 0;
        if (id == 0) return;
        Order memory order = _newOrder(who, 1 ether, 0, JobMode.SIGNED);
        (Receipt memory first, bytes memory firstSig) = _receipt(order, id, 1, 1);
        (Receipt memory second, bytes memory secondSig) = _receipt(order, id, 1, 2);
        vm.prank(requester(0));
        try mesh.proveEquivocation(order, first, firstSig, second, secondSig) {
            _count("proveEquivocation");
        } catch {}
        _observeSupply();
    }

    /// @dev Everything that lies in channels and beside balances comes back too.
    function _drainLanes() internal override {
        for (uint256 i = 0; i < _channels.length; ++i) {
            ChannelConfig memory config = _channels[i].config;
            uint40 closableAfter = mesh.channelOf(_channels[i].id).closableAfter;
            if (closableAfter == 0) {
                vm.prank(config.payer);
                mesh.startClose(config);
                closableAfter = mesh.channelOf(_channels[i].id).closableAfter;
            }
            vm.warp(closableAfter + 1);
            mesh.close(config);
        }
        uint32[] memory ids = new uint32[](PROVIDERS);
        for (uint32 i = 0; i < PROVIDERS; ++i) {
            ids[i] = i + 1;
        }
        mesh.collectFees(ids);
    }

    function _preview(bytes32 header, bytes memory items) private view returns (uint8[] memory statuses) {
        try mesh.previewPacked(header, items) returns (uint8[] memory found) {
            return found;
        } catch {
            return new uint8[](BATCH);
        }
    }

    function _noteNonce(Order memory order) internal {
        _settledNonces.push(order.nonce);
        _settledBy.push(order.requester);
    }

    function _receipt(Order memory order, uint32 id, uint96 amountWei, uint256 output)
        internal
        view
        returns (Receipt memory receipt, bytes memory signature)
    {
        receipt.jobId = mesh.jobIdOf(order);
        receipt.providerId = id;
        receipt.amountWei = amountWei;
        receipt.outputHash = bytes32(output);
        signature = _sign(_signingKey(id), _hashReceipt(receipt));
    }

    function _signAs(Order memory order) internal view returns (bytes memory) {
        return _signDigest(_keyOf(order.requester), mesh.jobIdOf(order));
    }

    /// @dev A contract wallet pays only while it says yes.
    function _requireWilling(address account) internal view {
        if (account != address(wallet)) return;
        uint256 behaviour = wallet.behaviour();
        bool willing = behaviour == wallet.SAYS_YES() || behaviour == wallet.CALLS_BACK();
        require(willing, "paid by a wallet that did not agree");
    }

    function _template(Order memory order) private pure returns (bytes memory) {
        return abi.encodePacked(
            order.coordinator,
            order.modelId,
            order.policy,
            order.bondWei,
            order.kind,
            order.seats,
            order.execWindow,
            order.disputeWindow
        );
    }

    /// @dev fault 2: wrong signer, 3: amount above the price, 4: no such template.
    function _item(Order memory order, uint256 fault) private view returns (bytes memory) {
        uint256 key = fault == 2 ? COORDINATOR_KEY : _keyOf(order.requester);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, mesh.jobIdOf(order));
        bytes32 vs = bytes32(uint256(s) | (uint256(v - 27) << 255));
        uint96 amountWei = fault == 3 ? order.priceWei + 1 : order.priceWei;
        uint8 template = fault == 4 ? 1 : 0;
        return abi.encodePacked(
            order.inputHash, bytes32(0), r, vs, order.priceWei, amountWei, order.nonce, order.acceptBy, template
        );
    }
}
