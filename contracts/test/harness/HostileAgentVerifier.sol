// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Test only: an agent verifier that calls its caller back while it is asked, and says yes only if that was
///         refused.
contract HostileAgentVerifier {
    bytes private _data;

    function arm(bytes calldata data) external {
        _data = data;
    }

    /// @dev Plays the router too, without which no mesh takes it.
    function router() external view returns (address) {
        return address(this);
    }

    function isActive(bytes4 selector) external pure returns (bool) {
        return selector != 0;
    }

    function verify(bytes32, bytes32, bytes32, bytes32, bytes calldata) external returns (bool valid, bytes32) {
        (bool ok,) = msg.sender.call(_data);
        return (!ok, 0);
    }
}
