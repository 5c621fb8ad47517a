// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Signatures} from "../../src/libraries/Signatures.sol";

/// @notice Test only: a signature check as a transaction, so that its gas can be measured.
contract SignatureHarness {
    event Checked(bool valid);

    function check(address signer, bytes32 digest, bytes calldata signature) external {
        emit Checked(Signatures.isValid(signer, digest, signature));
    }
}
