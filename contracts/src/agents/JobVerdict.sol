// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJobClosing} from "../interfaces/IJobClosing.sol";
import {JobStatus} from "../types/JobWord.sol";

/// @notice What the stored state of a job says about its one provider.
/// @dev Only the on-chain lane leaves such a word: a redundant job keeps no provider, and a settled order keeps no word.
library JobVerdict {
    /// @notice The job says nothing about a provider: it runs, it ended without one, or it is not of the on-chain lane.
    error NoVerdict(bytes32 jobId, uint8 status);

    /// @notice True when the provider was paid; false when it was late or lost a dispute. Never changes again.
    function isPaid(IJobClosing.Job memory job, bytes32 jobId) internal pure returns (bool paid) {
        uint8 status = job.status;
        paid = status == JobStatus.PAID;
        // Refunded with a provider is a dispute that it lost: other refunds name none.
        bool failed = status == JobStatus.FAILED || status == JobStatus.REFUNDED;
        require((paid || failed) && job.providerId != 0, NoVerdict(jobId, status));
    }
}
