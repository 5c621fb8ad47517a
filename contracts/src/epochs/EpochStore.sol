// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEpochStore} from "../interfaces/IEpochStore.sol";
import {IMeshTerms} from "../interfaces/IMeshTerms.sol";
import {IProviderRegistry} from "../interfaces/IProviderRegistry.sol";
import {DuckToken} from "../token/DuckToken.sol";
import {EpochParams} from "../types/EpochParams.sol";
import {Terms} from "../types/Terms.sol";

/// @title EpochStore
/// @notice Parameters, the way in and out for tokens, and what is owed to addresses.
abstract contract EpochStore is IEpochStore, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for DuckToken;

    uint32 private constant MIN_SECONDS = 10 minutes;
    uint32 private constant MAX_SECONDS = 30 days;
    uint16 private constant MIN_BOND_BPS = 1_000;
    uint16 private constant MAX_BOND_BPS = 50_000;

    /// @inheritdoc IEpochStore
    DuckToken public immutable token;
    /// @inheritdoc IEpochStore
    address public immutable mesh;

    uint32 internal immutable challengeWindowSeconds;
    uint32 internal immutable answerWindowSeconds;
    uint32 internal immutable cadenceSeconds;
    uint16 internal immutable bondBps;
    uint96 internal immutable minEpochBondWei;
    uint96 internal immutable challengeDepositWei;

    mapping(address account => uint96) private _owed;

    constructor(DuckToken token_, address mesh_, EpochParams memory p) EIP712("DuckMesh EpochSettler", "1") {
        require(address(token_).code.length != 0, OutOfBounds("token", uint160(address(token_))));
        require(mesh_.code.length != 0, OutOfBounds("mesh", uint160(mesh_)));
        _requireSeconds("challengeWindowSeconds", p.challengeWindowSeconds);
        _requireSeconds("answerWindowSeconds", p.answerWindowSeconds);
        _requireSeconds("cadenceSeconds", p.cadenceSeconds);
        require(p.bondBps >= MIN_BOND_BPS && p.bondBps <= MAX_BOND_BPS, OutOfBounds("bondBps", p.bondBps));
        require(p.challengeDepositWei != 0, OutOfBounds("challengeDepositWei", 0));
        // So that being right is worth more than the deposit, also in the smallest epoch.
        require(
            p.minEpochBondWei / 2 >= p.challengeDepositWei && p.minEpochBondWei <= token_.totalSupply(),
            OutOfBounds("minEpochBondWei", p.minEpochBondWei)
        );
        token = token_;
        mesh = mesh_;
        challengeWindowSeconds = p.challengeWindowSeconds;
        answerWindowSeconds = p.answerWindowSeconds;
        cadenceSeconds = p.cadenceSeconds;
        bondBps = p.bondBps;
        minEpochBondWei = p.minEpochBondWei;
        challengeDepositWei = p.challengeDepositWei;
    }

    /// @inheritdoc IEpochStore
    function withdrawOwed(address to) external nonReentrant {
        uint96 amountWei = _positive(_owed[msg.sender]);
        _owed[msg.sender] = 0;
        emit OwedWithdrawn(msg.sender, to, amountWei);
        _send(to, amountWei);
    }

    /// @inheritdoc IEpochStore
    function owedOf(address account) external view returns (uint96) {
        return _owed[account];
    }

    /// @inheritdoc IEpochStore
    function params() external view returns (EpochParams memory) {
        return EpochParams(
            challengeWindowSeconds, answerWindowSeconds, cadenceSeconds, bondBps, minEpochBondWei, challengeDepositWei
        );
    }

    /// @inheritdoc IEpochStore
    function exitDelaySeconds() public view returns (uint40) {
        return uint40(3) * cadenceSeconds + challengeWindowSeconds + uint40(2) * answerWindowSeconds;
    }

    function _owe(address account, uint96 amountWei) internal {
        _owed[account] += amountWei;
    }

    /// @dev Last effect of its callers. DUCK moves exactly what it is asked to move, and reverts otherwise.
    function _pull(uint96 amountWei) internal {
        token.safeTransferFrom(msg.sender, address(this), amountWei);
    }

    /// @dev Last effect of its callers.
    function _send(address to, uint96 amountWei) internal {
        require(to != address(0) && to != address(this), InvalidRecipient(to));
        token.safeTransfer(to, amountWei);
    }

    /// @dev The fee that the mesh takes at present, in 1/10,000.
    function _feeBps() internal view returns (uint16) {
        (, Terms memory terms_,) = IMeshTerms(mesh).terms();
        return terms_.feeBps;
    }

    function _ownerOfProvider(uint32 providerId) internal view returns (address) {
        return IProviderRegistry(mesh).providerOf(providerId).owner;
    }

    function _requireAfter(uint256 lastSecond) internal view {
        require(block.timestamp > lastSecond, TooEarly(uint40(lastSecond)));
    }

    function _positive(uint96 amountWei) internal pure returns (uint96) {
        require(amountWei != 0, ZeroAmount());
        return amountWei;
    }

    function _requireSeconds(bytes32 key, uint32 value) private pure {
        require(value >= MIN_SECONDS && value <= MAX_SECONDS, OutOfBounds(key, value));
    }
}
