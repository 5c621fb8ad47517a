// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";

/// @notice Test only: an agent verifier and its router in one. It says what it is told to, and may try to enter the mesh
///         while it is asked.
contract FickleVerifier {
    bool private _says;
    bool private _enters;
    bool public isInService = true;
    uint256 public refusals;
    uint256 public entries;

    function prepare(bool says, bool enters) external {
        _says = says;
        _enters = enters;
    }

    function setInService(bool inService) external {
        isInService = inService;
    }

    function router() external view returns (address) {
        return address(this);
    }

    /// @dev Zero is nobody's selector.
    function isActive(bytes4 selector) external view returns (bool) {
        return selector != 0 && isInService;
    }

    function verify(bytes32, bytes32, bytes32, bytes32, bytes calldata) external returns (bool, bytes32) {
        if (_enters) {
            uint32[] memory ids = new uint32[](1);
            ids[0] = 1;
            try IDuckMesh(msg.sender).collectFees(ids) {
                ++entries;
            } catch {
                ++refusals;
            }
        }
        return (_says && isInService, 0);
    }
}
