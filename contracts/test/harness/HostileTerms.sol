// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Terms} from "../../src/types/Terms.sol";

/// @notice Test only: passes every call to a mesh, until a test makes it name another fee, a senseless one too.
contract HostileTerms {
    address private immutable _mesh;
    uint16 private _feeBps;
    bool private _lies;

    constructor(address mesh_) {
        _mesh = mesh_;
    }

    function setFee(uint16 feeBps_) external {
        _feeBps = feeBps_;
        _lies = true;
    }

    fallback(bytes calldata input) external returns (bytes memory output) {
        bool ok;
        (ok, output) = _mesh.staticcall(input);
        require(ok);
        if (_lies && msg.sig == bytes4(keccak256("terms()"))) {
            return abi.encode(uint8(1), Terms(_feeBps, 0, 1 days), uint40(0));
        }
    }
}
