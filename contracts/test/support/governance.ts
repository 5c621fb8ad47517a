import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import type { Contract, ContractTransactionResponse, Signer } from 'ethers'
import { connect, DUCK, ethers, networkHelpers, time, type World, worldFixture } from './mesh.ts'

export const DAY = 86_400
export const NOTICE_SECONDS = 3 * DAY
export const MAX_FREEZE_SECONDS = 14 * DAY
export const FREEZE_REST_SECONDS = 30 * DAY
export const VOTING_DELAY_SECONDS = DAY
export const VOTING_PERIOD_SECONDS = 3 * DAY
export const TIMELOCK_SECONDS = 2 * DAY
export const THRESHOLD_WEI = 1_000_000n * DUCK
export const QUORUM_PERCENT = 4

export const TERMS = { feeBps: 250, minBondBps: 10_000, maxJobLifeSeconds: DAY }
export const NEXT_TERMS = { feeBps: 300, minBondBps: 5_000, maxJobLifeSeconds: 2 * DAY }

export const Vote = { against: 0, for: 1, abstain: 2 } as const
export const ProposalState = {
  pending: 0n,
  active: 1n,
  canceled: 2n,
  defeated: 3n,
  succeeded: 4n,
  queued: 5n,
  expired: 6n,
  executed: 7n,
} as const

/** One call that a vote decides about. */
export interface Action {
  target: string
  data: string
}

/** The arguments of propose, queue and execute. */
export type Proposal = [targets: string[], values: bigint[], calldatas: string[], description: string]

export interface Governance {
  world: World
  governor: Contract
  timelock: Contract
  params: Contract
  guardian: HardhatEthersSigner
  /** Holds more than half of the supply and has delegated it to itself. */
  voter: HardhatEthersSigner
  /** An account as the timelock: what only an executed vote can do. */
  owner: HardhatEthersSigner
}

/** Governor with its timelock, and a MeshParams owned by it, beside a mesh with users. */
export async function governanceFixture(): Promise<Governance> {
  const world = await worldFixture()
  const governor = await ethers.deployContract('DuckGovernor', [
    await world.token.getAddress(),
    VOTING_DELAY_SECONDS,
    VOTING_PERIOD_SECONDS,
    THRESHOLD_WEI,
    QUORUM_PERCENT,
    TIMELOCK_SECONDS,
  ])
  const timelock = await ethers.getContractAt('DuckTimelock', await governor.timelock())
  const owner = await actingAs(await timelock.getAddress())
  const guardian = world.challenger
  const params = await deployParams(owner, guardian)
  const voter = world.deployer
  await connect(world.token, voter).delegate(voter.address)
  return { world, governor, timelock, params, guardian, voter, owner }
}

export function loadGovernance(): Promise<Governance> {
  return networkHelpers.loadFixture(governanceFixture)
}

export function deployParams(
  owner: { address: string },
  guardian: { address: string },
  noticeSeconds = NOTICE_SECONDS,
  terms: object = TERMS,
): Promise<Contract> {
  return ethers.deployContract('MeshParams', [owner.address, guardian.address, noticeSeconds, terms])
}

/** A signer for any address, with ether for gas. */
export async function actingAs(address: string): Promise<HardhatEthersSigner> {
  await networkHelpers.setBalance(address, 10n ** 18n)
  return ethers.getImpersonatedSigner(address)
}

/** Unix seconds at which a transaction was mined. */
export async function minedAt(sent: Promise<unknown>): Promise<number> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  const block = await receipt?.getBlock()
  if (!block) throw new Error('Not mined')
  return block.timestamp
}

/** Proposes as `proposer`. */
export async function propose(
  { governor }: Governance,
  proposer: Signer,
  actions: Action[],
  description = 'Proposal',
): Promise<{ id: bigint; proposal: Proposal }> {
  const proposal: Proposal = [
    actions.map(({ target }) => target),
    actions.map(() => 0n),
    actions.map(({ data }) => data),
    description,
  ]
  await connect(governor, proposer).propose(...proposal)
  const id = await governor.getProposalId(...hashed(proposal))
  return { id, proposal }
}

/** The arguments with the description as its hash, as queue and execute want them. */
export function hashed([targets, values, calldatas, description]: Proposal): Proposal {
  return [targets, values, calldatas, ethers.id(description)]
}

/** Moves to the first second of the vote, votes as the voter, and moves behind its end. */
export async function carry({ governor, voter }: Governance, id: bigint): Promise<void> {
  await time.increaseTo((await governor.proposalSnapshot(id)) + 1n)
  await connect(governor, voter).castVote(id, Vote.for)
  await time.increaseTo((await governor.proposalDeadline(id)) + 1n)
}

/** Proposes, votes and queues; the timelock's delay remains. */
export async function queued(
  gov: Governance,
  actions: Action[],
): Promise<{ id: bigint; proposal: Proposal }> {
  const made = await propose(gov, gov.voter, actions)
  await carry(gov, made.id)
  await gov.governor.queue(...hashed(made.proposal))
  return made
}

/** The call that publishes `terms`. */
export async function publishing(params: Contract, terms: object = NEXT_TERMS): Promise<Action> {
  return { target: await params.getAddress(), data: params.interface.encodeFunctionData('publish', [terms]) }
}
