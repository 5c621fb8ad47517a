import { expect } from 'chai'
import { channelIdOf } from '../support/channels.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  ethers,
  loadWorld,
  NOTICE_SECONDS,
  PARAMS,
  STAKE_WEI,
  Status,
  SUPPLY_WEI,
  TERMS,
  time,
  type World,
} from '../support/mesh.ts'
import { type Action, plans } from './actions.ts'
import { drain } from './drain.ts'
import { RefusedError } from './ledgerModel.ts'
import { MeshModel } from './meshModel.ts'
import { Play } from './play.ts'
import { type Random, randomOf } from './random.ts'

/** DUCKMESH_DIFFERENTIAL=long plays many more games; DUCKMESH_SEED plays one. */
const isLong = process.env.DUCKMESH_DIFFERENTIAL === 'long'
const seeds = process.env.DUCKMESH_SEED
  ? [Number(process.env.DUCKMESH_SEED)]
  : Array.from({ length: isLong ? 60 : 5 }, (_, i) => 0xd0c4 + i)
const STEPS = isLong ? 1_500 : 350

async function firstTerms({ meshParams }: World): Promise<{ effectiveAt: number }> {
  const { effectiveAt } = await meshParams.termsOf(0)
  return { effectiveAt: Number(effectiveAt) }
}

async function start(random: Random): Promise<Play> {
  const world = await loadWorld()
  const { effectiveAt } = await firstTerms(world)
  const model = new MeshModel(
    { treasury: world.treasury.address, noticeSeconds: NOTICE_SECONDS, ...PARAMS },
    { feeBps: BigInt(TERMS.feeBps), minBondBps: BigInt(TERMS.minBondBps), effectiveAt },
  )
  const play = new Play(world, random, model)
  const { mesh, token, deployer, domain } = world
  for (const person of play.people) {
    await connect(token, deployer).transfer(person.address, DEPOSIT_WEI)
    await connect(token, person).approve(domain.verifyingContract, ethers.MaxUint256)
  }
  for (const { address } of [world.requester, world.challenger]) play.model.deposit(address, DEPOSIT_WEI)
  for (const { owner, key } of play.world.providers) {
    play.model.deposit(owner.address, DEPOSIT_WEI)
    play.model.register(owner.address, key.address, STAKE_WEI)
  }
  expect(await mesh.providerCount()).to.equal(BigInt(play.model.providers.length))
  return play
}

/** Name of the custom error, or `ok`. */
async function outcomeOf({ mesh }: World, send: Action['send']): Promise<string> {
  try {
    await send()
    return 'ok'
  } catch (error) {
    // The network names the error only when it knows the bytecode by its build, so the data is read as well.
    const [, name, data] =
      /custom error (?:'(\w+)\(|\(return data: (0x[0-9a-f]+)\))/.exec(String(error)) ?? []
    const reason = name ?? (data && mesh.interface.parseError(data)?.name)
    if (!reason) throw error
    return reason
  }
}

function expectedOf(model: () => void): string {
  try {
    model()
    return 'ok'
  } catch (error) {
    if (error instanceof RefusedError) return error.reason
    throw error
  }
}

async function expectAgreement(play: Play, context: string): Promise<void> {
  const { channels, jobs, model, people, world } = play
  const { mesh, token, treasury } = world
  for (const { address } of [...people, treasury]) {
    expect(await mesh.accountOf(address), `${context}: account ${address}`).to.equal(model.freeOf(address))
    expect(await mesh.feeDueOf(address), `${context}: fee due of ${address}`).to.equal(
      model.feeDueOf(address),
    )
  }
  for (const { config, fundedWei, claimedWei, closableAfter } of channels.slice(-4)) {
    const stored = await mesh.channelOf(channelIdOf(world, config))
    expect([stored.fundedWei, stored.claimedWei, stored.closableAfter], `${context}: channel`).to.deep.equal([
      fundedWei,
      claimedWei,
      BigInt(closableAfter),
    ])
  }
  for (const [i, expected] of model.providers.entries()) {
    const { stakedWei, lockedWei, unstakingWei, unstakeAt } = await mesh.providerOf(i + 1)
    expect([stakedWei, lockedWei, unstakingWei, unstakeAt], `${context}: provider ${i + 1}`).to.deep.equal([
      expected.stakedWei,
      expected.lockedWei,
      expected.unstakingWei,
      BigInt(expected.unstakeAt),
    ])
  }
  expect(await token.balanceOf(world.domain.verifyingContract), `${context}: tokens`).to.equal(model.meshWei)
  expect(await token.totalSupply(), `${context}: supply`).to.equal(SUPPLY_WEI - model.burnedWei)
  for (const { job, jobId } of jobs.slice(-12)) {
    const stored = await mesh.jobOf(jobId)
    expect(stored.status, `${context}: status of ${jobId}`).to.equal(Status[job.status])
    if (job.status !== 'none') expect(stored.getValue('at'), `${context}: time`).to.equal(BigInt(job.since))
  }
}

/** Mostly seconds later, sometimes exactly at a deadline or just after it, rarely past the unstaking delay. */
function nextSecond(latest: number, { deadline }: Action, random: Random): number {
  const edge = (deadline ?? 0) + random.below(2)
  if (random.oneIn(3) && edge > latest && edge < latest + 2 * PARAMS.unbondSeconds) return edge
  if (random.oneIn(120)) return latest + PARAMS.unbondSeconds
  return latest + 1 + random.below(random.oneIn(6) ? 300 : 12)
}

describe('A plain ledger played beside the contract', () => {
  const outcomes = new Map<string, number>()

  for (const seed of seeds) {
    it(`agrees on every balance and every refusal, and drains to nothing, seed ${seed}`, async function () {
      this.timeout(600_000)
      const random = randomOf(seed)
      const play = await start(random)
      const deck = plans.flatMap(
        ([name, plan, weight]) => Array(weight).fill([name, plan]) as [typeof name, typeof plan][],
      )
      for (let step = 0; step < STEPS; step++) {
        const [name, plan] = random.pick(deck) ?? deck[0] ?? ['', () => undefined]
        const action = await plan(play)
        if (!action) continue
        const now = nextSecond(await time.latest(), action, random)
        await at(now)
        const context = `seed ${seed}, step ${step}, ${name}`
        const outcome = await outcomeOf(play.world, action.send)
        const wanted = expectedOf(() => action.model(now))
        expect(outcome, context).to.equal(wanted)
        await expectAgreement(play, context)
        outcomes.set(`${name} ${wanted}`, (outcomes.get(`${name} ${wanted}`) ?? 0) + 1)
        for (const { job } of play.jobs) outcomes.set(`status ${job.status}`, 1)
      }
      await drain(play)
    })
  }

  it('got everywhere: every call succeeded at least once, and every state was reached', () => {
    if (process.env.DUCKMESH_SEED) return
    for (const [name] of plans) expect(outcomes.get(`${name} ok`), name).to.be.greaterThan(0)
    for (const status of Object.keys(Status)) expect(outcomes.get(`status ${status}`), status).to.equal(1)
    const refusals = [...outcomes.keys()].filter((key) => !key.endsWith(' ok') && !key.startsWith('status'))
    expect(refusals.length).to.be.greaterThan(15)
  })
})
