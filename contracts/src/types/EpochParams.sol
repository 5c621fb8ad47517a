// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Fixed when the EpochSettler is deployed. Bounds are checked in its constructor.
struct EpochParams {
    uint32 challengeWindowSeconds; // from posting to the last challenge, 10 minutes .. 30 days
    uint32 answerWindowSeconds; // from a challenge to the last answer, 10 minutes .. 30 days
    uint32 cadenceSeconds; // longest time between epochs of a present coordinator, 10 minutes .. 30 days
    uint16 bondBps; // bond at stake in an epoch, in 1/10,000 of its total, 1000 .. 50,000
    uint96 minEpochBondWei; // least bond at stake in an epoch and at registration, DUCK wei
    uint96 challengeDepositWei; // paid in with a challenge, at most half of minEpochBondWei, DUCK wei
}
