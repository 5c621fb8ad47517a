import { concat, toBeHex } from 'ethers'
import { revealSignatures, signAssignment } from '../support/redundant.ts'
import { receiptOf, signReceipt } from '../support/settling.ts'
import { signStruct } from '../support/typedData.ts'
import type { Plan } from './actions.ts'
import { type Play, type Played, signerOf } from './play.ts'

const settleBy = ({ job }: Played): number => job.order.acceptBy + job.order.execWindow

/** A new order, or now and then one that was used before. */
async function orderFor(play: Play, overrides: object): Promise<Played> {
  const used = play.jobs.filter(({ job }) => job.order.mode === ('mode' in overrides ? overrides.mode : 0))
  if (play.random.oneIn(8)) {
    const again = play.random.pick(used)
    if (again) return again
  }
  return play.newJob(overrides)
}

const signOrder = (play: Play, { job }: Played) =>
  play.world.signOrder(job.order, signerOf(play, job.order.requester))

/** Calls that settle an order at once. */
export const settlements: Record<string, Plan> = {
  async settleReceipt(play) {
    const providerId = play.random.oneIn(4) ? play.providerId() : 0
    const played = await orderFor(play, { mode: 0, providerId })
    const { order } = played.job
    const id = play.providerId()
    const amountWei = play.random.oneIn(8) ? order.priceWei + 1n : order.priceWei / 3n
    const receipt = receiptOf(play.world, order, { providerId: id, amountWei })
    const receiptSig = await signReceipt(play.world, receipt)
    const orderSig = await signOrder(play, played)
    return {
      deadline: settleBy(played),
      send: () => play.as(play.world.stranger).settle(order, orderSig, receipt, receiptSig),
      model: (now) => play.model.settleReceipt(played.job, id, amountWei, now),
    }
  },
  async settleSeats(play) {
    const played = await orderFor(play, { mode: 1, seats: play.random.oneIn(3) ? 5 : 3 })
    if (played.job.status !== 'none' || played.job.order.coordinator !== play.world.coordinator.address)
      return undefined
    const round = play.draw(played)
    const { order } = played.job
    const orderSig = await signOrder(play, played)
    const assignmentSig = await signAssignment(play.world, round.assignment)
    const revealSigs = await revealSignatures(play.world, round)
    const agree = round.copies.size === 0 && new Set(round.outputs).size === 1
    const args = [order, orderSig, round.assignment, assignmentSig, round.outputs[0], round.salts, revealSigs]
    return {
      deadline: settleBy(played),
      send: () => play.as(play.world.stranger).settleSeats(...args),
      model: (now) => play.model.settleSeats(played.job, round.ids, agree, now),
    }
  },
  async settleAuction(play) {
    const played = await orderFor(play, { mode: 5 })
    const { order } = played.job
    if (order.providerId !== 0 || order.coordinator !== play.world.coordinator.address) return undefined
    const bids = Array.from({ length: play.random.below(5) }, () => ({
      id: play.providerId(),
      priceWei: (order.priceWei * BigInt(play.random.below(140))) / 100n,
    }))
    const packed = concat(bids.flatMap(({ id, priceWei }) => [toBeHex(id, 4), toBeHex(priceWei, 12)]))
    const jobId = play.world.jobIdOf(order)
    const { coordinator, domain } = play.world
    const resultSig = await signStruct(coordinator, domain, 'AuctionResult', { jobId, bids: packed })
    const orderSig = await signOrder(play, played)
    const lowest = bids.toSorted((a, b) =>
      a.priceWei < b.priceWei ? -1 : a.priceWei > b.priceWei ? 1 : 0,
    )[0]
    const who = play.operatorOf(lowest?.id ?? 1)
    return {
      deadline: settleBy(played),
      send: () => play.as(who).settleAuction(order, orderSig, packed, resultSig, jobId),
      model: (now) => play.model.settleAuction(played.job, bids, who.address, now),
    }
  },
}
