// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMeshParams} from "../../src/interfaces/IMeshParams.sol";
import {ISyncTerms} from "../../src/interfaces/ISyncTerms.sol";

/// @notice Test only: a mesh that tries to stop the freeze that asks it to sync.
contract HostileSync is ISyncTerms {
    enum Trick {
        REVERT,
        BURN_GAS,
        RETURN_BOMB,
        FREEZE_AGAIN
    }

    IMeshParams private immutable params;
    Trick public trick;

    constructor(IMeshParams params_) {
        params = params_;
    }

    function setTrick(Trick trick_) external {
        trick = trick_;
    }

    /// @notice Freezes as guardian, with itself as the mesh.
    function freeze(uint32 seconds_) external {
        ISyncTerms[] memory meshes = new ISyncTerms[](1);
        meshes[0] = this;
        params.freeze(seconds_, meshes);
    }

    function syncTerms() external {
        if (trick == Trick.REVERT) revert("no");
        if (trick == Trick.FREEZE_AGAIN) params.freeze(1, new ISyncTerms[](0));
        if (trick == Trick.RETURN_BOMB) {
            assembly {
                revert(0, 60000)
            }
        }
        while (true) {}
    }
}
