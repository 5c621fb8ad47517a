import { concat } from 'ethers'
import { packBids, signResult } from '../support/auctionLane.ts'
import { claimOf } from '../support/channels.ts'
import { connect, ethers, TERMS, ZERO_HASH } from '../support/mesh.ts'
import { assignmentHashOf, seatsDigestOf, settleSeatsArguments } from '../support/redundant.ts'
import { itemOf, packed, receiptOf, signReceipt, type TestItem } from '../support/settling.ts'
import { commitmentOf, signStruct } from '../support/typedData.ts'
import type { Plan } from './actions.ts'
import type { ModelItem } from './meshModel.ts'
import { OUTPUTS, type Play } from './play.ts'

/** Items of a packed batch. */
const BATCH = 3
const MIN_WITHDRAW_DELAY = 900

/** The lanes that store no job. */
export const lanes: Record<string, Plan> = {
  async settle(play) {
    const { job } = await orderFor(play)
    const id = play.providerId()
    const amountWei = play.random.oneIn(3) ? play.random.wei(60) : job.order.priceWei
    const receipt = receiptOf(play.world, job.order, { providerId: id, amountWei })
    const isSigned = !play.random.oneIn(10)
    const orderSig = await play.world.signOrder(job.order, play.signerOf(job.order.requester))
    const receiptSig = isSigned
      ? await signReceipt(play.world, receipt)
      : await signReceipt(play.world, receipt, play.world.stranger)
    return {
      deadline: job.order.acceptBy + job.order.execWindow,
      send: () => play.as(play.world.stranger).settle(job.order, orderSig, receipt, receiptSig),
      model: (now) => play.model.settleOrder(job.order, id, amountWei, isSigned, now),
    }
  },
  async settleAuction(play) {
    const { job } = await orderFor(play, 5)
    const { random, world } = play
    const bids = Array.from({ length: random.below(4) }, (): [number, bigint] => [
      play.providerId(),
      random.wei(60),
    ])
    const best = bids.reduce((a, b) => (b[1] < a[1] ? b : a), bids[0] ?? [1, 0n])
    const who = play.operatorOf(best[0])
    const isSigned = !random.oneIn(10)
    const list = packBids(bids)
    const orderSig = await world.signOrder(job.order, play.signerOf(job.order.requester))
    const resultSig = await signResult(world, job.order, list, isSigned ? world.coordinator : world.stranger)
    return {
      deadline: job.order.acceptBy + job.order.execWindow,
      send: () => play.as(who).settleAuction(job.order, orderSig, list, resultSig, ZERO_HASH),
      model: (now) => play.model.settleAuction(job.order, who.address, bids, isSigned, now),
    }
  },
  async settleSeats(play) {
    const played = await play.newJob({ mode: 1, seats: play.random.oneIn(3) ? 5 : 3 })
    const { job } = played
    const drawn = play.draw(played)
    const output = OUTPUTS[0] ?? ''
    const outputs = drawn.ids.map(() => output)
    const commitments = drawn.ids.map((id, i) =>
      commitmentOf(drawn.jobId, 0, id, output, drawn.salts[i] ?? ZERO_HASH),
    )
    const round = { ...drawn, outputs, commitments }
    const agree = !play.random.oneIn(6)
    const args = await settleSeatsArguments(play.world, round)
    args[1] = await play.world.signOrder(job.order, play.signerOf(job.order.requester))
    if (!agree) args[6] = await otherLastReveal(play, round, args[6])
    return {
      deadline: job.order.acceptBy + job.order.execWindow,
      send: () => play.as(play.world.stranger).settleSeats(...args),
      model: (now) => play.model.settleSeats(job.order, round.ids, agree, now),
    }
  },
  async settlePacked(play) {
    const { random, world } = play
    const payer = play.payer()
    const id = play.providerId()
    const who = play.operatorOf(id)
    const items: (TestItem & ModelItem)[] = []
    for (let i = 0; i < BATCH; i++) {
      const { job } = await play.newJob({ mode: 0, requester: payer.address })
      const isSigned = !random.oneIn(6)
      const signature = await world.signOrder(job.order, isSigned ? payer : world.stranger)
      const amountWei = job.order.priceWei + (random.oneIn(6) ? 1n : 0n)
      items.push({ ...(await itemOf(world, job.order, { signature })), amountWei, isSigned })
    }
    const batch = packed(items, id)
    return {
      deadline: (items[0]?.order.acceptBy ?? 0) + (items[0]?.order.execWindow ?? 0),
      send: () => play.as(who).settlePacked(...batch),
      model: (now) => play.model.settlePacked(who.address, id, items, now),
    }
  },
}

/** Everything about channels. */
export const openChannels: Record<string, Plan> = {
  openChannel(play) {
    const { random } = play
    const again = random.oneIn(6) ? random.pick(play.channels) : undefined
    const payer = play.payer()
    const channel =
      again ??
      play.model.newChannel({
        payer: payer.address,
        payerKey: payer.address,
        providerId: play.providerId(),
        withdrawDelay: MIN_WITHDRAW_DELAY,
        salt: ethers.id(`channel ${play.channels.length}`),
      })
    const who = random.oneIn(10) ? play.world.stranger : play.signerOf(channel.config.payer)
    const wei = random.wei(100)
    if (!again) play.channels.push(channel)
    return {
      send: () => play.as(who).openChannel(channel.config, wei),
      model: () => play.model.openChannel(channel, who.address, wei),
    }
  },
  topUp(play) {
    const channel = play.random.pick(play.channels)
    if (!channel) return undefined
    const who = play.random.oneIn(10) ? play.world.stranger : play.signerOf(channel.config.payer)
    const wei = play.random.wei(30)
    return {
      send: () => play.as(who).topUp(channel.config, wei),
      model: () => play.model.topUp(channel, who.address, wei),
    }
  },
  async claim(play) {
    const { random, world } = play
    const channel = random.pick(play.channels)
    if (!channel) return undefined
    const { config } = channel
    const who = play.operatorOf(config.providerId)
    const wei = channel.claimedWei + random.wei(60)
    const isSigned = !random.oneIn(8)
    const signer = isSigned ? play.signerOf(config.payer) : world.stranger
    const { signature } = await claimOf(world, config, wei, { signer })
    const claims = [{ config, maxCumulativeWei: wei, cumulativeWei: wei }]
    return {
      send: () => play.as(who).claim(config.providerId, claims, concat([signature])),
      model: () => play.model.claim(channel, who.address, wei, isSigned),
    }
  },
  startClose(play) {
    const channel = play.random.pick(play.channels)
    if (!channel) return undefined
    const who = play.random.oneIn(10) ? play.world.stranger : play.signerOf(channel.config.payer)
    return {
      send: () => play.as(who).startClose(channel.config),
      model: (now) => play.model.startClose(channel, who.address, now),
    }
  },
  closeChannel(play) {
    const channel = play.random.pick(play.channels)
    if (!channel) return undefined
    return {
      deadline: channel.closableAfter,
      send: () => play.as(play.world.stranger).close(channel.config),
      model: (now) => play.model.closeChannel(channel, now),
    }
  },
  refundChannel(play) {
    const channel = play.random.pick(play.channels)
    if (!channel) return undefined
    const who = play.operatorOf(channel.config.providerId)
    const wei = play.random.wei(30)
    return {
      send: () => play.as(who).refund(channel.config, wei),
      model: () => play.model.refundChannel(channel, who.address, wei),
    }
  },
}

/** Fees and terms. */
export const governance: Record<string, Plan> = {
  publish(play) {
    // The contract keeps a limited number of versions.
    const feeBps = play.random.below(1_001)
    const minBondBps = play.random.oneIn(3) ? play.random.below(200) : 0
    const { deployer, meshParams } = play.world
    return {
      send: () => connect(meshParams, deployer).publish({ ...TERMS, feeBps, minBondBps }),
      model: (now) => play.model.publish(BigInt(feeBps), BigInt(minBondBps), now),
    }
  },
  syncTerms(play) {
    return {
      send: () => play.as(play.world.stranger).syncTerms(),
      model: (now) => play.model.syncTerms(now),
    }
  },
  adoptTerms(play) {
    const id = play.providerId()
    const who = play.operatorOf(id)
    return {
      deadline: play.model.terms.effectiveAt + 2 * play.model.params.maxJobLifeSeconds,
      send: () => play.as(who).adoptTerms(id),
      model: (now) => play.model.adoptTerms(who.address, id, now),
    }
  },
  collectFees(play) {
    const ids = [play.providerId(), play.providerId()]
    return {
      send: () => play.as(play.world.stranger).collectFees(ids),
      model: () => play.model.collectFees(ids),
    }
  },
}

/** A new order, or one that went another way already. */
async function orderFor(play: Play, mode = 0) {
  const used = play.random.oneIn(5) ? play.random.pick(play.jobs) : undefined
  if (used) return used
  return play.newJob({ mode, providerId: play.random.oneIn(6) ? play.providerId() : 0 })
}

/** The statements of the seats, with the last one about another output. */
async function otherLastReveal(
  play: Play,
  round: Parameters<typeof settleSeatsArguments>[1],
  reveals: string,
): Promise<string> {
  const providerId = round.ids.at(-1) ?? 0
  const other = await signStruct(play.world.provider(providerId - 1).key, play.world.domain, 'SeatReveal', {
    assignmentHash: assignmentHashOf(round),
    providerId,
    seatsDigest: seatsDigestOf(round),
    outputHash: OUTPUTS[1],
  })
  return concat([ethers.dataSlice(reveals, 0, (round.ids.length - 1) * 65), other])
}
