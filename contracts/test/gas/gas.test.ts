import type { ContractTransactionResponse } from 'ethers'
import { auctionOrder, type Bid, FOUR_BIDS, settleAuction } from '../support/auctionLane.ts'
import { claim, claimOf, configOf, WITHDRAW_DELAY } from '../support/channels.ts'
import { expectSnapshot } from '../support/gasSnapshot.ts'
import {
  connect,
  DISPUTE_WINDOW,
  DUCK,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  STAKE_WEI,
  time,
  type World,
} from '../support/mesh.ts'
import {
  anchor,
  assignmentHashOf,
  commitSeat,
  HONEST,
  open,
  openSeat,
  redundantOrder,
  roundOf,
  settleSeats,
  WRONG,
} from '../support/redundant.ts'
import { fundedWallets, itemsOf, receiptOf, settle, settlePacked, signReceipt } from '../support/settling.ts'
import { accepted, submitted } from '../support/signedLane.ts'
import { changeTerms } from '../support/terms.ts'
import { signStruct } from '../support/typedData.ts'
import { loadVerified, proofOf, verifiedOrder, working } from '../support/verified.ts'

/** Hard ceilings of whole jobs, in gas. */
const CEILINGS: Record<string, bigint> = {
  'settleSeats, 3 seats': 180_000n,
  'redundant job, 3 seats': 200_000n,
  'on-chain lane job': 185_000n,
  'settleAuction, 4 bids': 62_000n,
  settle: 60_000n,
  'settlePacked, per item, 128 items of 16 payers': 10_000n,
  'claim, per channel, 128 channels': 17_000n,
}

const measured: Record<string, bigint> = {}

async function gasOf(sent: Promise<unknown>): Promise<bigint> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  if (!receipt) throw new Error('No receipt')
  return receipt.gasUsed
}

async function measure(name: string, sent: Promise<unknown>): Promise<void> {
  measured[name] = await gasOf(sent)
}

function sum(name: string, parts: string[]): void {
  measured[name] = parts.reduce((total, part) => total + (measured[part] ?? 0n), 0n)
}

/** Real transactions, 21,000 and calldata included, in a world where nonce word, treasury and earnings are not fresh. */
async function warmWorld(): Promise<World> {
  const world = await loadWorld()
  const warm = roundOf(world, await redundantOrder(world, { seats: 7 }), Array(7).fill(HONEST))
  await anchor(world, warm)
  await open(world, warm)
  return world
}

async function measureRound(world: World, label: string, outputs: string[]): Promise<void> {
  const round = roundOf(world, await redundantOrder(world, { seats: outputs.length }), outputs)
  await measure(`anchorSeats, ${label}`, anchor(world, round))
  await measure(`openSeats, ${label}`, open(world, round))
}

describe('Gas', () => {
  it('of redundant jobs', async () => {
    const world = await warmWorld()
    await measureRound(world, '3 seats', [HONEST, HONEST, HONEST])
    sum('redundant job, 3 seats', ['anchorSeats, 3 seats', 'openSeats, 3 seats'])
    await measureRound(world, '5 seats', Array(5).fill(HONEST))
    await measureRound(world, '7 seats', Array(7).fill(HONEST))
    await measureRound(world, '3 seats, one slashed', [HONEST, WRONG, HONEST])
    await measureRound(world, '3 seats, no majority', [HONEST, WRONG, ethers.id('third')])
  })

  it('of the per-seat fallback', async () => {
    const world = await warmWorld()
    const round = roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])
    await measure('commitSeat, first', commitSeat(world, round, 0))
    await measure('commitSeat, next', commitSeat(world, round, 1))
    await measure('commitSeat, last', commitSeat(world, round, 2))
    await measure('openSeat, first', openSeat(world, round, 0))
    await measure('openSeat, next', openSeat(world, round, 1))
    await openSeat(world, round, 2)
    await measure('openSeats, all stored', open(world, round, []))
    const partial = roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])
    await commitSeat(world, partial, 0)
    await time.increaseTo(partial.order.acceptBy + 1)
    await measure('sealSeats', world.mesh.sealSeats(partial.order, partial.assignment))
  })

  it('of a redundant job whose seats agree', async () => {
    const world = await warmWorld()
    for (const seats of [3, 5, 7]) {
      const round = roundOf(world, await redundantOrder(world, { seats }), Array(seats).fill(HONEST))
      await measure(`settleSeats, ${seats} seats`, settleSeats(world, round))
    }
  })

  it('of the on-chain lane', async () => {
    const world = await warmWorld()
    const { mesh, requester } = world
    const { key } = world.provider(0)
    const order = await world.orderOf()
    await measure('postJob', connect(mesh, requester).postJob(order))
    await measure('acceptJob', connect(mesh, key).acceptJob(order, 1))
    await measure('submitResult', connect(mesh, key).submitResult(world.jobIdOf(order), HONEST))
    await time.increase(DISPUTE_WINDOW + 1)
    await measure('finalizeJob', mesh.finalizeJob(order))
    sum('on-chain lane job', ['postJob', 'acceptJob', 'submitResult', 'finalizeJob'])
    const cancelled = await world.orderOf()
    await connect(mesh, requester).postJob(cancelled)
    await measure('cancelJob', connect(mesh, requester).cancelJob(cancelled))
    const late = await accepted(world)
    await time.increase(EXEC_WINDOW + 1)
    await measure('expireJob, provider late', mesh.expireJob(late))
    const passedOn = await accepted(world)
    await time.increase(EXEC_WINDOW + 1)
    await measure('takeOverJob', connect(mesh, world.provider(1).key).takeOverJob(passedOn, 2))
  })

  it('of a dispute', async () => {
    const world = await warmWorld()
    const { order } = await submitted(world, {}, WRONG)
    await measure('disputeJob', connect(world.mesh, world.challenger).disputeJob(order, HONEST))
    const round = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 2, ids: [4, 5, 6] })
    await measure('anchorSeats, dispute', anchor(world, round))
    await measure('openSeats, dispute upheld', open(world, round))
  })

  it('of the signed lane', async () => {
    const world = await warmWorld()
    // no seats, no dispute and no bond in this lane
    const terms = { coordinator: ethers.ZeroAddress, bondWei: 0n, disputeWindow: 0 }
    await measure('settle', settle(world, await world.orderOf(terms)))
    const payers = await fundedWallets(world, 128)
    const cases: [count: number, label: string, word: bigint][] = [
      [1, '1 payer', 0n],
      [16, '16 payers', 256n],
      [128, '128 payers', 512n],
    ]
    for (const [count, label, firstNonce] of cases) {
      const some = payers.slice(0, count)
      // one item of each payer first, so that the nonce words are not fresh
      await settlePacked(world, await itemsOf(world, some, 1, firstNonce))
      const items = await itemsOf(world, some, 128 / count, firstNonce + 1n)
      const name = `settlePacked, per item, 128 items of ${label}`
      measured[name] = (await gasOf(settlePacked(world, items))) / 128n
    }
  })

  it('of auctions', async () => {
    const world = await warmWorld()
    // no dispute and no bond in this lane
    const terms = { bondWei: 0n, disputeWindow: 0 }
    await measure('settleAuction, 1 bid', settleAuction(world, await auctionOrder(world, terms), [[3, DUCK]]))
    await measure('settleAuction, 4 bids', settleAuction(world, await auctionOrder(world, terms), FOUR_BIDS))
    const bids = Array.from({ length: 32 }, (_, i): Bid => [(i % 7) + 1, BigInt(100 - i)])
    const winner = ((bids.length - 1) % 7) + 1
    await measure(
      'settleAuction, 32 bids',
      settleAuction(world, await auctionOrder(world, terms), bids, winner),
    )
  })

  it('of proofs', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const byKey = connect(mesh, world.provider(0).key)
    // the first of each writes fresh slots
    for (const name of ['', 'settleProof, 2 verdicts']) {
      const order = await verifiedOrder(world)
      const proof = await proofOf(verified, order)
      const sent = byKey.settleProof(order, await world.signOrder(order), 1, HONEST, proof)
      if (name) await measure(name, sent)
      else await sent
    }
    const order = await working(world)
    const proof = await proofOf(verified, order)
    await measure('submitProof, 2 verdicts', byKey.submitProof(order, HONEST, proof))
  })

  it('of terms', async () => {
    const world = await warmWorld()
    await changeTerms(world, { feeBps: 300 })
    await measure('syncTerms', world.mesh.syncTerms())
    await settle(world, await world.orderOf())
    await measure('adoptTerms', connect(world.mesh, world.provider(0).key).adoptTerms(1))
  })

  it('of channels', async () => {
    const world = await warmWorld()
    const { mesh, requester } = world
    const configs = Array.from({ length: 128 }, (_, i) => configOf(world, { salt: ethers.id(`salt ${i}`) }))
    const [first] = configs
    for (const config of configs) {
      const sent = connect(mesh, requester).openChannel(config, DUCK)
      if (config === first) await measure('openChannel', sent)
      else await sent
    }
    const claims = await Promise.all(configs.map((config) => claimOf(world, config, DUCK / 4n)))
    await measure('claim, 1 channel', claim(world, claims.slice(0, 1)))
    await claim(world, claims.slice(1))
    const next = await Promise.all(configs.map((config) => claimOf(world, config, DUCK / 2n)))
    measured['claim, per channel, 128 channels'] = (await gasOf(claim(world, next))) / 128n
    await measure('topUp', connect(mesh, requester).topUp(first, DUCK))
    await measure('refund', connect(mesh, world.provider(0).key).refund(first, DUCK))
    await measure('startClose', connect(mesh, requester).startClose(first))
    await time.increase(WITHDRAW_DELAY + 1)
    await measure('close', mesh.close(first))
  })

  it('of ledger and registry', async () => {
    const world = await warmWorld()
    const { mesh, requester, challenger, stranger } = world
    const { owner } = world.provider(0)
    await measure('deposit', connect(mesh, requester).deposit(DUCK))
    await measure('withdraw', connect(mesh, requester).withdraw(DUCK, requester.address))
    await measure(
      'registerProvider',
      connect(mesh, challenger).registerProvider(
        stranger.address,
        ethers.id('profile'),
        'http://node',
        STAKE_WEI,
      ),
    )
    await measure('heartbeat', connect(mesh, owner).heartbeat(1))
    await measure('startUnstake', connect(mesh, owner).startUnstake(1, DUCK))
    await settle(world, await world.orderOf())
    await measure('collectFees, 1 provider', mesh.collectFees([1]))
    const order = await world.orderOf()
    const receipts = [receiptOf(world, order), receiptOf(world, order, { outputHash: WRONG })] as const
    const [first, second] = await Promise.all(receipts.map((receipt) => signReceipt(world, receipt)))
    await measure(
      'proveEquivocation',
      connect(mesh, challenger).proveEquivocation(order, receipts[0], first, receipts[1], second),
    )
    const round = roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST], { ids: [2, 3, 4] })
    const commits = [HONEST, WRONG].map((commitment) => ({
      assignmentHash: assignmentHashOf(round),
      providerId: 2,
      commitment,
    }))
    const { key } = world.provider(1)
    const [one, two] = await Promise.all(commits.map((it) => signStruct(key, world.domain, 'SeatCommit', it)))
    await measure(
      'proveSeatEquivocation',
      connect(mesh, challenger).proveSeatEquivocation(
        round.order,
        round.assignment,
        commits[0],
        one,
        commits[1],
        two,
      ),
    )
  })

  it('stays within 2 % of the committed figures and under the ceilings', async () => {
    await expectSnapshot('gas', measured, CEILINGS)
  })
})
