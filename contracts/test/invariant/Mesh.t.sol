// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MeshParams} from "../../src/governance/MeshParams.sol";
import {IChannels} from "../../src/interfaces/IChannels.sol";
import {IDuckMesh} from "../../src/interfaces/IDuckMesh.sol";
import {IJobClosing} from "../../src/interfaces/IJobClosing.sol";
import {IMeshAgentVerifier} from "../../src/interfaces/IMeshAgentVerifier.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {DuckToken} from "../../src/token/DuckToken.sol";
import {JobStatus} from "../../src/types/JobWord.sol";
import {AttackWallet} from "../harness/AttackWallet.sol";
import {HashHarness} from "../harness/HashHarness.sol";
import {FickleVerifier} from "./FickleVerifier.sol";
import {MeshActors} from "./MeshActors.sol";
import {MeshDeployment} from "./MeshDeployment.sol";
import {RandomCalls} from "./RandomCalls.sol";
import {TurnHandler} from "./TurnHandler.sol";
import {vm} from "./Vm.sol";

/// @notice What must hold after any sequence of calls by requesters, providers, a coordinator and passers-by.
contract MeshTest is RandomCalls {
    address private constant TREASURY = address(0x7EA5);

    DuckToken private _token;
    IDuckMesh private _mesh;

    function setUp() public {
        vm.warp(1_800_000_000);
        _token = new DuckToken(address(this));
        FickleVerifier verifier = new FickleVerifier();
        MeshParams meshParams;
        (_mesh, meshParams) =
            MeshDeployment.deploy(_token, TREASURY, address(this), IMeshAgentVerifier(address(verifier)));
        _handler = new TurnHandler(_token, _mesh, meshParams, new HashHarness(), new AttackWallet(), verifier);
        _token.transfer(address(_handler), _token.totalSupply());
        _handler.start();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @notice Only this contract may drain; as one random action among others that would end every run early.
    function excludeSenders() public view returns (address[] memory senders) {
        senders = new address[](1);
        senders[0] = address(this);
    }

    /// @notice Every wei the mesh holds belongs to an account, uncollected fees, a stake, an open job, an open dispute or
    ///         a channel.
    function invariant_tokensAreConserved() public view {
        uint256 sum = _mesh.accountOf(TREASURY);
        for (uint256 i = 0; i < _handler.REQUESTERS(); ++i) {
            address account = _handler.requester(i);
            sum += _mesh.accountOf(account);
        }
        for (uint32 id = 1; id <= _handler.PROVIDERS(); ++id) {
            IProviderRegistry.Provider memory provider = _mesh.providerOf(id);
            sum += _mesh.accountOf(provider.owner) + _mesh.feeDueOf(provider.owner);
            sum += provider.stakedWei + provider.unstakingWei;
        }
        for (uint256 i = 0; i < _handler.jobCount(); ++i) {
            sum += _escrowOf(_handler.job(i));
        }
        for (uint256 i = 0; i < _handler.channelCount(); ++i) {
            IChannels.Channel memory channel = _mesh.channelOf(_handler.channel(i).id);
            sum += channel.fundedWei - channel.claimedWei;
        }
        require(_token.balanceOf(address(_mesh)) == sum, "tokens not conserved");
    }

    /// @notice What is locked in a stake is the sum of the bonds of its open jobs, and never more than the stake.
    function invariant_locksAreOpenBonds() public view {
        uint32 providers = _handler.PROVIDERS();
        uint256[] memory bonds = new uint256[](providers + 1);
        for (uint256 i = 0; i < _handler.jobCount(); ++i) {
            _addBonds(_handler.job(i), bonds);
        }
        for (uint32 id = 1; id <= providers; ++id) {
            IProviderRegistry.Provider memory provider = _mesh.providerOf(id);
            require(provider.lockedWei == bonds[id], "locked is not the sum of open bonds");
            require(provider.lockedWei <= provider.stakedWei, "locked exceeds staked");
        }
    }

    /// @notice A nonce that was entered or invalidated stays used.
    function invariant_nonceBitsNeverClear() public view {
        for (uint256 i = 0; i < _handler.jobCount(); ++i) {
            MeshActors.Tracked memory tracked = _handler.job(i);
            if (_mesh.jobOf(tracked.jobId).status == JobStatus.NONE) continue;
            require(_mesh.nonceUsed(tracked.order.requester, tracked.order.nonce), "nonce bit cleared");
        }
        for (uint256 i = 0; i < _handler.invalidatedCount(); ++i) {
            require(_mesh.nonceUsed(_handler.requester(0), _handler.invalidated(i)), "invalidated bit cleared");
        }
        for (uint256 i = 0; i < _handler.settledCount(); ++i) {
            (address requester, uint64 nonce) = _handler.settled(i);
            require(_mesh.nonceUsed(requester, nonce), "settled bit cleared");
        }
    }

    /// @notice A channel never gives more than was paid in, and what was claimed never falls.
    function invariant_channelsHoldWhatTheyOwe() public view {
        for (uint256 i = 0; i < _handler.channelCount(); ++i) {
            IChannels.Channel memory channel = _mesh.channelOf(_handler.channel(i).id);
            require(channel.opened, "channel vanished");
            require(channel.claimedWei <= channel.fundedWei, "claimed more than was paid in");
            require(channel.claimedWei == _handler.channel(i).claimedWei, "claimed moved without a claim");
        }
    }

    /// @notice Paid, Refunded and Failed are final.
    function invariant_terminalStaysTerminal() public view {
        for (uint256 i = 0; i < _handler.jobCount(); ++i) {
            MeshActors.Tracked memory tracked = _handler.job(i);
            if (tracked.terminalStatus == 0) continue;
            require(_mesh.jobOf(tracked.jobId).status == tracked.terminalStatus, "terminal job moved");
        }
    }

    /// @notice A job that ended gave away its price, which one event says; see MoneyWatch.
    function invariant_everyJobEndsOnce() public view {
        for (uint256 i = 0; i < _handler.jobCount(); ++i) {
            bytes32 jobId = _handler.job(i).jobId;
            require(_handler.closed(jobId) == (_mesh.jobOf(jobId).status >= JobStatus.PAID), "ended without a word");
        }
    }

    /// @notice The treasury has the fees of everything that ever moved, and nothing else.
    function invariant_treasuryHasTheFees() public view {
        require(_mesh.accountOf(TREASURY) == _handler.feesWei(), "treasury is not the sum of the fees");
    }

    /// @notice Whoever is asked in the middle of a call cannot enter the mesh.
    function invariant_nobodyEnters() public view {
        require(_handler.verifier().entries() == 0, "entered");
    }

    /// @notice Whatever happened, permissionless calls close every job and everybody gets everything out.
    function testFuzz_drains(uint256 seed) public {
        _actRandomly(seed, 60);
        invariant_tokensAreConserved();
        invariant_locksAreOpenBonds();
        invariant_treasuryHasTheFees();
        _handler.drain();
        for (uint256 i = 0; i < _handler.jobCount(); ++i) {
            uint8 status = _mesh.jobOf(_handler.job(i).jobId).status;
            require(status == JobStatus.NONE || status >= JobStatus.PAID, "job still open");
        }
        uint96 feesWei = _mesh.accountOf(TREASURY);
        require(_token.balanceOf(address(_mesh)) == feesWei, "tokens left behind");
        if (feesWei == 0) return;
        vm.prank(TREASURY);
        _mesh.withdraw(feesWei, TREASURY);
    }

    /// @notice The random actors do get everywhere; otherwise the invariants would hold for lack of events.
    function test_actorsReachEveryState() public {
        for (uint256 seed = 1; seed <= 60; ++seed) {
            _actRandomly(seed, 60);
        }
        for (uint8 status = JobStatus.OPEN; status <= JobStatus.FAILED; ++status) {
            require(_handler.reached(status) != 0, string.concat("never reached status ", _digits(status)));
        }
        require(_token.totalSupply() < _token.INITIAL_SUPPLY_WEI(), "nothing was ever burned");
        require(_handler.feesWei() != 0, "no fee ever moved");
        require(_handler.verifier().refusals() != 0, "nobody ever tried to enter");
        bytes32[42] memory calls = _everyCall();
        for (uint256 i = 0; i < calls.length; ++i) {
            bool succeeded = _handler.happened(calls[i]) != 0;
            require(succeeded, string.concat("never: ", string(abi.encodePacked(calls[i]))));
        }
    }

    /// @notice Of the calls of a whole run of the campaign, some succeed. A shorter run is one that a failure was shrunk to.
    function afterInvariant() public view {
        require(_handler.watchedCalls() < 40 || _handler.succeeded() >= 5, "hardly anything happened");
    }

    /// @dev The price is in escrow while a job is open; a dispute adds the challenger's bond.
    function _escrowOf(MeshActors.Tracked memory tracked) private view returns (uint256 escrow) {
        uint8 status = _mesh.jobOf(tracked.jobId).status;
        if (status == JobStatus.NONE || status >= JobStatus.PAID) return 0;
        escrow = tracked.order.priceWei;
        if (_mesh.disputeOf(tracked.jobId).challenger != address(0)) escrow += tracked.order.bondWei;
    }

    function _addBonds(MeshActors.Tracked memory tracked, uint256[] memory bonds) private view {
        IJobClosing.Job memory job = _mesh.jobOf(tracked.jobId);
        uint256 bond = tracked.order.bondWei;
        uint32 accused = _mesh.disputeOf(tracked.jobId).providerId;
        if (accused != 0) bonds[accused] += bond;
        if (job.status == JobStatus.ACTIVE || job.status == JobStatus.SUBMITTED) bonds[job.providerId] += bond;
        for (uint256 i = 0; i < tracked.ids.length; ++i) {
            uint32 id = tracked.ids[i];
            bool anchored = job.status == JobStatus.ANCHORED && tracked.commitments[i] != 0;
            bool committed =
                job.status == JobStatus.COMMITTING && _mesh.seatCommitmentOf(tracked.jobId, id) != 0;
            if (anchored || committed) bonds[id] += bond;
        }
    }

    function _digits(uint8 value) private pure returns (string memory) {
        return value < 10 ? string(abi.encodePacked(bytes1(48 + value))) : "10";
    }
}
