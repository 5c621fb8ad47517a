// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChannels} from "../interfaces/IChannels.sol";
import {IDuckMesh} from "../interfaces/IDuckMesh.sol";
import {IJobClosing} from "../interfaces/IJobClosing.sol";
import {IMeshLens} from "../interfaces/IMeshLens.sol";

/// @title MeshLens
/// @notice Batch views outside the mesh, where they cost it no code. One lens serves every mesh.
contract MeshLens is IMeshLens {
    /// @inheritdoc IMeshLens
    uint256 public constant MAX_PAGE = 256;

    modifier paged(uint256 count) {
        require(count <= MAX_PAGE, PageTooLong(count, MAX_PAGE));
        _;
    }

    /// @inheritdoc IMeshLens
    function providers(IDuckMesh mesh, uint32 fromId, uint256 count)
        external
        view
        paged(count)
        returns (ProviderEntry[] memory entries)
    {
        uint256 first = fromId == 0 ? 1 : fromId;
        uint256 end = uint256(mesh.providerCount()) + 1;
        uint256 left = first < end ? end - first : 0;
        entries = new ProviderEntry[](count < left ? count : left);
        for (uint256 i = 0; i < entries.length; ++i) {
            uint32 id = uint32(first + i);
            entries[i] = ProviderEntry(id, mesh.isActive(id), mesh.providerOf(id));
        }
    }

    /// @inheritdoc IMeshLens
    function accounts(IDuckMesh mesh, address[] calldata owners)
        external
        view
        paged(owners.length)
        returns (AccountEntry[] memory entries)
    {
        entries = new AccountEntry[](owners.length);
        for (uint256 i = 0; i < owners.length; ++i) {
            entries[i] = AccountEntry(mesh.accountOf(owners[i]), mesh.feeDueOf(owners[i]));
        }
    }

    /// @inheritdoc IMeshLens
    function jobs(IDuckMesh mesh, bytes32[] calldata jobIds)
        external
        view
        paged(jobIds.length)
        returns (IJobClosing.Job[] memory entries)
    {
        entries = new IJobClosing.Job[](jobIds.length);
        for (uint256 i = 0; i < jobIds.length; ++i) {
            entries[i] = mesh.jobOf(jobIds[i]);
        }
    }

    /// @inheritdoc IMeshLens
    function channels(IDuckMesh mesh, bytes32[] calldata channelIds)
        external
        view
        paged(channelIds.length)
        returns (IChannels.Channel[] memory entries)
    {
        entries = new IChannels.Channel[](channelIds.length);
        for (uint256 i = 0; i < channelIds.length; ++i) {
            entries[i] = mesh.channelOf(channelIds[i]);
        }
    }

    /// @inheritdoc IMeshLens
    function nonces(IDuckMesh mesh, address requester, uint64[] calldata orderNonces)
        external
        view
        paged(orderNonces.length)
        returns (bool[] memory used)
    {
        used = new bool[](orderNonces.length);
        for (uint256 i = 0; i < orderNonces.length; ++i) {
            used[i] = mesh.nonceUsed(requester, orderNonces[i]);
        }
    }
}
