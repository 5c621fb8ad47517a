// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {Signatures} from "../libraries/Signatures.sol";

/// @title DuckToken
/// @notice DUCK: fixed supply, no owner, no minting after deployment. Payable by permit (ERC-2612) and by signed
///         authorisation with random nonces (ERC-3009), delegable for votes (ERC-5805, timestamp clock), burnable.
/// @dev OpenZeppelin's ERC20TransferAuthorization replaces ERC-3009's random nonces by sequential ones, which the
///      wallets and payment middleware written for ERC-3009 do not produce. So the base with random nonces is
///      used, and only its two overloads for contract wallets are added here.
contract DuckToken is ERC20, ERC20Permit, ERC20Votes, ERC20Burnable, ERC3009 {
    /// @notice The whole supply, in wei of 18 decimals. It can only fall, by burning.
    uint256 public constant INITIAL_SUPPLY_WEI = 1_000_000_000e18;

    /// @param holder receives the whole supply
    constructor(address holder) ERC20("DuckMesh", "DUCK") ERC20Permit("DuckMesh") {
        _mint(holder, INITIAL_SUPPLY_WEI);
    }

    /// @notice Like the ERC-3009 function, with the signature as bytes, which also serves ERC-1271 wallets.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        _requireAuthorization(
            from,
            keccak256(
                abi.encode(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
            ),
            signature
        );
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @notice Like the ERC-3009 function, with the signature as bytes, which also serves ERC-1271 wallets.
    /// @dev Only `to` may call, so nobody can take the transfer out of a payee's deposit call.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        require(to == msg.sender, ERC20InvalidReceiver(to));
        _requireAuthorization(
            from,
            keccak256(
                abi.encode(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
            ),
            signature
        );
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @notice ERC-6372 clock: unix seconds, so voting periods do not depend on block times.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice ERC-6372 description of {clock}.
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    function _requireAuthorization(address from, bytes32 structHash, bytes calldata signature) private view {
        require(Signatures.isValid(from, _hashTypedDataV4(structHash), signature), ERC3009InvalidSignature());
    }
}
