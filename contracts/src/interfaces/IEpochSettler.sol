// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IEarnings} from "./IEarnings.sol";
import {IEpochChallenges} from "./IEpochChallenges.sol";
import {IEpochCoordinators} from "./IEpochCoordinators.sol";
import {IEpochProofs} from "./IEpochProofs.sol";
import {IEpochs} from "./IEpochs.sol";
import {IEpochStore} from "./IEpochStore.sol";
import {IPurses} from "./IPurses.sol";
import {IRedemption} from "./IRedemption.sol";

/// @title IEpochSettler
/// @notice Everything that can be called at the address of the EpochSettler.
interface IEpochSettler is
    IERC5267,
    IEpochStore,
    IEpochCoordinators,
    IPurses,
    IEpochs,
    IEpochChallenges,
    IEpochProofs,
    IRedemption,
    IEarnings
{}
