// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochs} from "../interfaces/IEpochs.sol";
import {IRedemption} from "../interfaces/IRedemption.sol";
import {Shares} from "../libraries/Shares.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {EpochHeader, Side} from "../types/EpochHeader.sol";
import {EpochVoucher} from "../types/EpochVoucher.sol";
import {Earnings} from "./Earnings.sol";
import {PurseStore} from "./PurseStore.sol";

/// @title EpochLedger
/// @notice The one word per epoch, and its way from posted to reverted.
abstract contract EpochLedger is Earnings, PurseStore {
    mapping(bytes32 epochId => IEpochs.Epoch) internal _epochs;

    /// @dev The epoch of a header that was posted and is neither applied nor reverted.
    function _requirePosted(EpochHeader calldata header)
        internal
        view
        returns (bytes32 epochId, IEpochs.Epoch storage epoch)
    {
        epochId = header.id();
        epoch = _epochs[epochId];
        require(epoch.status == IEpochs.Status.POSTED, IEpochs.BadEpochStatus(epochId, epoch.status));
    }

    function _requireTotals(EpochHeader calldata header, Side side, bytes calldata totals) internal pure {
        bytes32 have = keccak256(totals);
        bytes32 want = header.totalsHashOf(side);
        require(have == want, IEpochs.TotalsMismatch(have, want));
    }

    /// @dev The voucher must be signed by the key of its purse.
    function _requireVoucher(EpochVoucher memory voucher, bytes calldata signature) internal view {
        address key = _purses[voucher.coordinatorId][voucher.purseId].key;
        // A purse that does not exist has the zero key, which a bad signature recovers to.
        bytes32 digest = _hashTypedDataV4(voucher.hashStruct());
        require(key != address(0) && Signatures.recover(digest, signature) == key, BadSignature(key));
    }

    /// @dev POSTED -> REVERTED. The serial can be posted again, so no voucher is lost. Last effect of its callers.
    function _revertEpoch(EpochHeader calldata header, bytes32 epochId, address reporter) internal {
        _epochs[epochId].status = IEpochs.Status.REVERTED;
        _serials[header.coordinatorId][header.serial] =
            Serial(IRedemption.SerialStatus.REOPENED, uint40(block.timestamp));
        uint96 burnedWei = Shares.burnedUp(header.bondWei);
        uint96 toReporterWei = header.bondWei - burnedWei;
        _owe(reporter, toReporterWei);
        emit IEpochs.EpochReverted(epochId, header.coordinatorId, reporter, toReporterWei, burnedWei);
        token.burn(burnedWei);
    }
}
