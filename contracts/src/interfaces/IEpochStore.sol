// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DuckToken} from "../token/DuckToken.sol";
import {EpochParams} from "../types/EpochParams.sol";

/// @title IEpochStore
/// @notice What every part of the EpochSettler shares: its parameters, and money that waits for an address.
interface IEpochStore {
    /// @notice `account` sent what was owed to it to `to`.
    event OwedWithdrawn(address indexed account, address indexed to, uint96 amountWei);

    /// @notice A constructor parameter is outside its hard bounds.
    error OutOfBounds(bytes32 key, uint256 value);
    /// @notice An amount that must be positive was zero.
    error ZeroAmount();
    /// @notice Tokens cannot be sent to the zero address or to the settler itself.
    error InvalidRecipient(address to);
    /// @notice The last second for this call was `deadline`.
    error Expired(uint40 deadline);
    /// @notice This call is possible after `until` only.
    error TooEarly(uint40 until);
    /// @notice A signature was not made by `signer`.
    error BadSignature(address signer);
    /// @notice The caller is not the address that may do this.
    error NotAllowed(address want, address caller);

    /// @notice Sends everything owed to the caller, from deposits of challenges and shares of slashes, to `to`.
    function withdrawOwed(address to) external;

    /// @notice What `withdrawOwed` would send, DUCK wei.
    function owedOf(address account) external view returns (uint96);

    /// @notice The only token held.
    function token() external view returns (DuckToken);

    /// @notice The DuckMesh whose providers are paid and whose fee is taken. The settler moves nothing there.
    function mesh() external view returns (address);

    /// @notice What this deployment was built with.
    function params() external view returns (EpochParams memory);

    /// @notice Seconds between announcing and taking back: of a purse, and of a coordinator's bond.
    /// @dev Three cadences, the challenge window and two answer windows: time to post an epoch, to have it tried and
    ///      reverted, to have its serial skipped, and one cadence to redeem what was signed before the announcement.
    function exitDelaySeconds() external view returns (uint40);
}
