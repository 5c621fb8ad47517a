import type { ContractTransactionResponse } from 'ethers'
import { buildEpoch, type EpochLeaf, sides } from '../../../protocol/src/epochs/epoch.ts'
import {
  afterWindow,
  answerOf,
  applyAll,
  COORDINATOR,
  challenge,
  EPOCH_PARAMS,
  type EpochWorld,
  LEAVES,
  loadEpochWorld,
  type Posted,
  PURSE_WEI,
  post,
  refundAll,
  sendEpoch,
  voucherOf,
} from '../support/epochs.ts'
import { expectSnapshot } from '../support/gasSnapshot.ts'
import { connect, DUCK, ethers, networkHelpers, PARAMS, time } from '../support/mesh.ts'

/** Gas for each of 10,000 jobs of 100 purses and 100 providers with consecutive ids, purses included. */
const CEILING_PER_JOB = 80n
const JOBS = 10_000n
const SIDE = 100

const measured: Record<string, bigint> = {}

async function gasOf(sent: Promise<unknown>): Promise<bigint> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  if (!receipt) throw new Error('No receipt')
  return receipt.gasUsed
}

async function measure(name: string, sent: Promise<unknown>): Promise<void> {
  measured[name] = await gasOf(sent)
}

/** One job of every purse with every provider, at prices of some thousandths of a DUCK. Ids are `step` apart. */
function matrix(step: number, round: number): EpochLeaf[] {
  return Array.from({ length: SIDE * SIDE }, (_, i) => ({
    purseId: step * (1 + (i % SIDE)),
    providerId: step * (1 + Math.floor(i / SIDE)),
    amountWei: DUCK / 1_000n + BigInt(((i + round) * 7_919) % 10_007) * 123_456_789_012n,
  }))
}

/** Providers 1 .. `count` of the mesh and purses 1 .. `count` of the coordinator, all real. */
async function crowdedWorld(count: number): Promise<EpochWorld> {
  const world = await loadEpochWorld()
  const { settler, requester, token, mesh } = world
  await token.transfer(requester.address, BigInt(count) * 100n * DUCK)
  for (let id = world.providers.length + 1; id <= count; id++) {
    const { address } = ethers.Wallet.createRandom()
    const owner = await ethers.getImpersonatedSigner(address)
    await networkHelpers.setBalance(address, 10n ** 18n)
    await token.transfer(address, PARAMS.minStakeWei)
    await connect(token, owner).approve(await mesh.getAddress(), PARAMS.minStakeWei)
    await connect(mesh, owner).deposit(PARAMS.minStakeWei)
    const key = ethers.Wallet.createRandom().address
    await connect(mesh, owner).registerProvider(key, ethers.id('profile'), 'http://node', PARAMS.minStakeWei)
  }
  for (let id = world.purseKeys.length + 1; id <= count; id++) {
    await connect(settler, requester).openPurse(COORDINATOR, requester.address, PURSE_WEI)
  }
  return world
}

/** Gas of posting and applying one epoch after another one, so that no balance is fresh. */
async function measureEpoch(label: string, step: number): Promise<void> {
  const world = await crowdedWorld(SIDE * step)
  const warm = await post(world, matrix(step, 0))
  await afterWindow(warm)
  await applyAll(world, warm)
  const data = buildEpoch(matrix(step, 1))
  const postGas = await gasOf(sendEpoch(world, data, { serial: 2 }))
  const block = await ethers.provider.getBlock('latest')
  const [log] = await world.settler.queryFilter('EpochPosted', block?.number)
  const event = world.settler.interface.parseLog(log)
  const posted: Posted = { epochId: event?.args.epochId, header: event?.args.header.toObject(), data }
  await afterWindow(posted)
  const applyGas = await gasOf(applyAll(world, posted))
  measured[`postEpoch, ${label}`] = postGas
  measured[`applyTotals, ${label}`] = applyGas
  measured[`per job, ${label}`] = (postGas + applyGas) / JOBS
}

describe('Gas of epochs', () => {
  it('of 10,000 jobs of neighbours: 100 purses and 100 providers with consecutive ids', async () => {
    await measureEpoch('100 purses, 100 providers', 1)
  })

  it('of 10,000 jobs when no two of them share a word', async () => {
    await measureEpoch('100 purses, 100 providers, scattered ids', 2)
  })

  it('of challenges', async () => {
    const world = await loadEpochWorld()
    const { settler } = world
    await measure('postEpoch, 3 purses, 3 providers', sendEpoch(world, buildEpoch(LEAVES)))
    const warm = await post(world, LEAVES, { serial: 2 })
    await measure('challengeLeaf', challenge(world, warm, 'debits', 0n))
    await measure(
      'answerLeaf, 6 leaves',
      settler.answerLeaf(warm.header, sides.debits, 0n, await answerOf(world, warm, 'debits', 0n)),
    )
    await challenge(world, warm, 'credits', 0n)
    await time.increase(EPOCH_PARAMS.answerWindowSeconds + 1)
    await measure('revertEpoch', settler.revertEpoch(warm.header, sides.credits, 0n))
    await measure('refundDebits, 3 purses', refundAll(world, warm))
  })

  it('of the rest', async () => {
    const world = await loadEpochWorld()
    const { settler, requester } = world
    await measure('openPurse', connect(settler, requester).openPurse(COORDINATOR, requester.address, DUCK))
    await measure('reserve', connect(settler, requester).reserve(COORDINATOR, 1, DUCK))
    await time.increase(EPOCH_PARAMS.cadenceSeconds)
    await measure('skipSerial', settler.skipSerial(COORDINATOR, 1))
    const { voucher, signature } = await voucherOf(world, 1, 1, DUCK)
    await measure('redeem', settler.redeem(voucher, signature))
    await measure('withdrawEarnings', settler.withdrawEarnings(1))
  })

  it('stays within 2 % of the committed figures, and a job under 80 gas', async () => {
    await expectSnapshot('gas-epochs', measured, {
      'per job, 100 purses, 100 providers': CEILING_PER_JOB,
    })
  })
})
