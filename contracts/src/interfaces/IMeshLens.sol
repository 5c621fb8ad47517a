// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChannels} from "./IChannels.sol";
import {IDuckMesh} from "./IDuckMesh.sol";
import {IJobClosing} from "./IJobClosing.sol";
import {IProviderRegistry} from "./IProviderRegistry.sol";

/// @title IMeshLens
/// @notice Many views of a mesh in one call and one block, for indexers, coordinators and dapps. Holds nothing.
/// @dev Warning: the lens repeats what `mesh` answers. With a wrong address the answers are worth nothing.
interface IMeshLens {
    /// @notice One provider.
    struct ProviderEntry {
        uint32 providerId;
        bool active; // its stake allows it to take new jobs
        IProviderRegistry.Provider provider;
    }

    /// @notice One account. Amounts are DUCK wei.
    struct AccountEntry {
        uint96 freeWei; // free balance
        uint96 feeDueWei; // fee that waits beside it for the treasury; not a part of it
    }

    /// @notice More was asked for than one call gives.
    error PageTooLong(uint256 have, uint256 max);

    /// @notice Providers by ascending id, fewer than `count` at the end. The next page begins after the last id.
    /// @param fromId first id; ids count from 1, and 0 stands for 1
    /// @param count at most {MAX_PAGE}
    function providers(IDuckMesh mesh, uint32 fromId, uint256 count) external view returns (ProviderEntry[] memory);

    /// @notice Balances of up to {MAX_PAGE} accounts, in their order.
    function accounts(IDuckMesh mesh, address[] calldata owners) external view returns (AccountEntry[] memory);

    /// @notice Up to {MAX_PAGE} jobs, in the order of their ids; all zero where there is none.
    /// @dev Settled orders of the signed lane leave no job: ask {nonces}.
    function jobs(IDuckMesh mesh, bytes32[] calldata jobIds) external view returns (IJobClosing.Job[] memory);

    /// @notice Up to {MAX_PAGE} channels, in the order of their ids; all zero where none was opened.
    function channels(IDuckMesh mesh, bytes32[] calldata channelIds)
        external
        view
        returns (IChannels.Channel[] memory);

    /// @notice True for each of up to {MAX_PAGE} order nonces of `requester` that was used or voided.
    function nonces(IDuckMesh mesh, address requester, uint64[] calldata orderNonces)
        external
        view
        returns (bool[] memory);

    /// @notice Entries that one call gives at most.
    function MAX_PAGE() external view returns (uint256);
}
