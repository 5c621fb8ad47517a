import { expect } from 'chai'
import type { Contract } from 'ethers'
import {
  actingAs,
  carry,
  DAY,
  type Governance,
  hashed,
  loadGovernance,
  NEXT_TERMS,
  ProposalState,
  propose,
  publishing,
  queued,
  TIMELOCK_SECONDS,
} from '../support/governance.ts'
import { at, connect, ethers, time } from '../support/mesh.ts'

const NO_PREDECESSOR = ethers.ZeroHash

async function deployTimelock(governor: string, delaySeconds: number | bigint): Promise<Contract> {
  return ethers.deployContract('DuckTimelock', [governor, delaySeconds])
}

/** The salt under which the governor queues: its address and the description. */
async function saltOf({ governor }: Governance, description: string): Promise<string> {
  const address = BigInt(await governor.getAddress()) << 96n
  return ethers.toBeHex(address ^ BigInt(ethers.id(description)), 32)
}

describe('The timelock', () => {
  it('holds a queued proposal back until the second of its time, and then executes it once', async () => {
    const gov = await loadGovernance()
    const { governor, timelock } = gov
    const made = await propose(gov, gov.voter, [await publishing(gov.params)])
    await carry(gov, made.id)
    const queuedAt = (await time.latest()) + 10
    await at(queuedAt)
    await governor.queue(...hashed(made.proposal))
    const readyAt = queuedAt + TIMELOCK_SECONDS
    expect(await governor.proposalEta(made.id)).to.equal(BigInt(readyAt))
    const execute = () => governor.execute(...hashed(made.proposal))
    await at(readyAt - 1)
    await expect(execute()).to.be.revertedWithCustomError(timelock, 'TimelockUnexpectedOperationState')
    await at(readyAt)
    await execute()
    await expect(execute()).to.be.revertedWithCustomError(governor, 'GovernorUnexpectedProposalState')
  })

  it('is not passed by executing without queueing', async () => {
    const gov = await loadGovernance()
    const { id, proposal } = await propose(gov, gov.voter, [await publishing(gov.params)])
    await carry(gov, id)
    await time.increase(30 * DAY)
    await expect(gov.governor.execute(...hashed(proposal))).to.be.revertedWithCustomError(
      gov.governor,
      'GovernorUnexpectedProposalState',
    )
  })

  it('executes for anybody who calls it directly, and the governor knows', async () => {
    const gov = await loadGovernance()
    const { id, proposal } = await queued(gov, [await publishing(gov.params)])
    await time.increase(TIMELOCK_SECONDS)
    const [targets, values, calldatas, description] = proposal
    await connect(gov.timelock, gov.world.stranger).executeBatch(
      targets,
      values,
      calldatas,
      NO_PREDECESSOR,
      await saltOf(gov, description),
    )
    expect(await gov.params.versionCount()).to.equal(2n)
    expect(await gov.governor.state(id)).to.equal(ProposalState.executed)
  })

  it('is deployed with its roles: the governor alone proposes and cancels, nobody but itself is admin', async () => {
    const { governor, timelock, world } = await loadGovernance()
    const granted = await timelock.queryFilter(timelock.filters.RoleGranted())
    const roles = granted.map((log) => ('args' in log ? [log.args.role, log.args.account] : []))
    const [admin, proposer, canceller, executor] = await Promise.all([
      timelock.DEFAULT_ADMIN_ROLE(),
      timelock.PROPOSER_ROLE(),
      timelock.CANCELLER_ROLE(),
      timelock.EXECUTOR_ROLE(),
    ])
    expect(roles).to.have.deep.members([
      [admin, await timelock.getAddress()],
      [proposer, await governor.getAddress()],
      [canceller, await governor.getAddress()],
      [executor, ethers.ZeroAddress],
    ])
    expect(await timelock.hasRole(admin, world.deployer.address)).to.equal(false)
  })

  it('takes nothing from others than the governor, and lets nobody cancel', async () => {
    const gov = await loadGovernance()
    const { timelock, voter } = gov
    const { target, data } = await publishing(gov.params)
    const args = [target, 0, data, NO_PREDECESSOR, ethers.ZeroHash] as const
    await expect(connect(timelock, voter).schedule(...args, TIMELOCK_SECONDS))
      .to.be.revertedWithCustomError(timelock, 'AccessControlUnauthorizedAccount')
      .withArgs(voter.address, await timelock.PROPOSER_ROLE())
    await expect(connect(timelock, voter).cancel(await timelock.hashOperation(...args)))
      .to.be.revertedWithCustomError(timelock, 'AccessControlUnauthorizedAccount')
      .withArgs(voter.address, await timelock.CANCELLER_ROLE())
    await expect(connect(timelock, voter).grantRole(await timelock.PROPOSER_ROLE(), voter.address))
      .to.be.revertedWithCustomError(timelock, 'AccessControlUnauthorizedAccount')
      .withArgs(voter.address, await timelock.DEFAULT_ADMIN_ROLE())
  })

  it('is the only way to the owner: the governor itself may not publish', async () => {
    const gov = await loadGovernance()
    const governor = await gov.governor.getAddress()
    await expect(connect(gov.params, await actingAs(governor)).publish(NEXT_TERMS))
      .to.be.revertedWithCustomError(gov.params, 'NotParamsOwner')
      .withArgs(governor)
  })
})

describe('The delay of the timelock', () => {
  it('is two days when less was asked for, and more when more was', async () => {
    const { governor } = await loadGovernance()
    const address = await governor.getAddress()
    for (const [asked, given] of [
      [0, 2 * DAY],
      [2 * DAY - 1, 2 * DAY],
      [2 * DAY, 2 * DAY],
      [2 * DAY + 1, 2 * DAY + 1],
    ] as const) {
      expect(await (await deployTimelock(address, asked)).getMinDelay()).to.equal(BigInt(given))
    }
  })

  it('stays at two days when a vote sets it to zero', async () => {
    const gov = await loadGovernance()
    const { timelock, governor } = gov
    const data = timelock.interface.encodeFunctionData('updateDelay', [0])
    const { id, proposal } = await queued(gov, [{ target: await timelock.getAddress(), data }])
    await time.increaseTo(await governor.proposalEta(id))
    await governor.execute(...hashed(proposal))
    expect(await timelock.getMinDelay()).to.equal(BigInt(2 * DAY))
    const next = await queued(gov, [await publishing(gov.params)])
    await at((await governor.proposalEta(next.id)) - 1n)
    await expect(governor.execute(...hashed(next.proposal))).to.be.revertedWithCustomError(
      timelock,
      'TimelockUnexpectedOperationState',
    )
  })

  it('is not accepted from a proposer when it is shorter', async () => {
    const { timelock, governor, params } = await loadGovernance()
    const proposer = await actingAs(await governor.getAddress())
    const { target, data } = await publishing(params)
    const args = [target, 0, data, NO_PREDECESSOR, ethers.ZeroHash, 2 * DAY - 1] as const
    await expect(connect(timelock, proposer).schedule(...args))
      .to.be.revertedWithCustomError(timelock, 'TimelockInsufficientDelay')
      .withArgs(2 * DAY - 1, 2 * DAY)
  })

  it('is changed by itself only', async () => {
    const { timelock, voter } = await loadGovernance()
    await expect(connect(timelock, voter).updateDelay(0))
      .to.be.revertedWithCustomError(timelock, 'TimelockUnauthorizedCaller')
      .withArgs(voter.address)
  })
})
