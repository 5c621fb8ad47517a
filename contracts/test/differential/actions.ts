import { ZERO_HASH } from '../support/mesh.ts'
import { anchorArguments, signAssignment, signSeat } from '../support/redundant.ts'
import { governance, lanes, openChannels } from './laneActions.ts'
import type { ModelJob } from './marketModel.ts'
import { anchoredOf, OUTPUTS, type Play } from './play.ts'

/** One call: on the contract, and on the model at the second it is mined. */
export interface Action {
  send: () => Promise<unknown>
  model: (now: number) => void
  /** A second at which the answer changes; some calls are made exactly then or one second later. */
  deadline?: number
}

export type Plan = (play: Play) => Promise<Action | undefined> | Action | undefined

const accounts: Record<string, Plan> = {
  deposit(play) {
    const who = play.person()
    const wei = play.random.wei(50)
    return { send: () => play.as(who).deposit(wei), model: () => play.model.deposit(who.address, wei) }
  },
  withdraw(play) {
    const who = play.person()
    const wei = play.random.oneIn(6)
      ? play.model.freeOf(who.address) + play.random.wei(1)
      : play.random.wei(40)
    return {
      send: () => play.as(who).withdraw(wei, who.address),
      model: () => play.model.withdraw(who.address, wei),
    }
  },
  invalidate(play) {
    const who = play.random.oneIn(2) ? play.world.requester : play.world.challenger
    const nonce = BigInt(play.jobs.length + play.random.below(20))
    return {
      send: () => play.as(who).invalidateNonces(nonce >> 8n, 1n << (nonce & 0xffn)),
      model: () => play.model.invalidateNonce(who.address, nonce),
    }
  },
  register(play) {
    const { challenger, coordinator, providers } = play.world
    const owner = play.random.oneIn(3) ? (providers[0]?.owner ?? challenger) : challenger
    const key = play.random.oneIn(2) ? coordinator : (providers[0]?.key ?? coordinator)
    const wei = play.random.wei(400)
    return {
      send: () => play.as(owner).registerProvider(key.address, ZERO_HASH, '', wei),
      model() {
        play.model.register(owner.address, key.address, wei)
        providers.push({ id: providers.length + 1, owner, key })
      },
    }
  },
}

const stakes: Record<string, Plan> = {
  stake(play) {
    const id = play.providerId()
    const who = play.operatorOf(id)
    const wei = play.random.wei(60)
    return { send: () => play.as(who).stake(id, wei), model: () => play.model.stake(who.address, id, wei) }
  },
  startUnstake(play) {
    const id = play.providerId()
    const who = play.operatorOf(id)
    const wei = play.random.wei(play.random.oneIn(6) ? 1_500 : 60)
    return {
      send: () => play.as(who).startUnstake(id, wei),
      model: (now) => play.model.startUnstake(who.address, id, wei, now),
    }
  },
  cancelUnstake(play) {
    const id = play.providerId()
    const who = play.operatorOf(id)
    return {
      send: () => play.as(who).cancelUnstake(id),
      model: () => play.model.cancelUnstake(who.address, id),
    }
  },
  finishUnstake(play) {
    const leaving = play.model.providers.findIndex(({ unstakingWei }) => unstakingWei > 0n)
    const id = leaving < 0 || play.random.oneIn(6) ? play.providerId() : leaving + 1
    const who = play.operatorOf(id)
    return {
      deadline: play.model.providerAt(id).unstakeAt - 1,
      send: () => play.as(who).finishUnstake(id, who.address),
      model: (now) => play.model.finishUnstake(who.address, id, now),
    }
  },
}

const lane: Record<string, Plan> = {
  async post(play) {
    const coordinator = play.random.oneIn(6) ? `0x${'00'.repeat(20)}` : play.world.coordinator.address
    const providerId = play.random.oneIn(5) ? play.providerId() : 0
    const { job } = await play.newJob({ mode: 0, coordinator, providerId })
    const who = play.people.find(({ address }) => address === job.order.requester)
    const sender = !who || play.random.oneIn(15) ? play.world.stranger : who
    return {
      send: () => play.as(sender).postJob(job.order),
      model: (now) => play.model.post(job, sender.address, now),
    }
  },
  cancel(play) {
    const played = play.jobIn('open')
    if (!played) return undefined
    const who = play.random.oneIn(2) ? play.world.requester : play.world.challenger
    return {
      send: () => play.as(who).cancelJob(played.job.order),
      model: (now) => play.model.cancel(played.job, who.address, now),
    }
  },
  accept(play) {
    const played = play.jobIn('open')
    if (!played) return undefined
    const id = play.providerId()
    const who = play.operatorOf(id)
    return {
      deadline: played.job.order.acceptBy,
      send: () => play.as(who).acceptJob(played.job.order, id),
      model: (now) => play.model.accept(played.job, who.address, id, now),
    }
  },
  submit(play) {
    const played = play.jobIn('active')
    if (!played) return undefined
    const who = play.operatorOf(played.job.providerId || 1)
    const output = (play.random.oneIn(3) ? play.random.pick(OUTPUTS) : OUTPUTS[0]) ?? ''
    return {
      deadline: played.job.since + played.job.order.execWindow,
      send: () => play.as(who).submitResult(played.jobId, output),
      model: (now) => play.model.submit(played.job, who.address, output, now),
    }
  },
  takeOver(play) {
    const played = play.jobIn('active')
    if (!played) return undefined
    const id = play.providerId()
    const who = play.operatorOf(id)
    const dueAt = played.job.since + played.job.order.execWindow
    return {
      deadline: play.random.oneIn(3) ? dueAt + played.job.order.execWindow : dueAt,
      send: () => play.as(who).takeOverJob(played.job.order, id),
      model: (now) => play.model.takeOver(played.job, who.address, id, now),
    }
  },
  finalize(play) {
    const played = play.jobIn('submitted')
    if (!played) return undefined
    return {
      deadline: played.job.since + played.job.order.disputeWindow,
      send: () => play.as(play.world.stranger).finalizeJob(played.job.order),
      model: (now) => play.model.finalize(played.job, now),
    }
  },
  expire(play) {
    const played = play.jobIn('open', 'active', 'reseating', 'disputed')
    if (!played) return undefined
    return {
      deadline: deadlineOf(play, played.job),
      send: () => play.as(play.world.stranger).expireJob(played.job.order),
      model: (now) => play.model.expire(played.job, now),
    }
  },
  dispute(play) {
    const played = play.jobIn('submitted')
    if (!played) return undefined
    const who = play.person()
    const claimed = play.random.pick(OUTPUTS) ?? ''
    return {
      deadline: played.job.since + played.job.order.disputeWindow,
      send: () => play.as(who).disputeJob(played.job.order, claimed),
      model: (now) => play.model.openDispute(played.job, who.address, claimed, now),
    }
  },
}

const redundant: Record<string, Plan> = {
  async anchor(play) {
    const waiting = play.jobIn('committing', 'reseating', 'disputed')
    const mode = play.random.oneIn(25) ? 0 : 1
    const played =
      waiting && !play.random.oneIn(3)
        ? waiting
        : await play.newJob({ mode, seats: play.random.oneIn(3) ? 5 : 3 })
    const round = play.draw(played)
    const [, ...rest] = await anchorArguments(play.world, round)
    const { job } = played
    const orderSig = await play.world.signOrder(job.order, play.signerOf(job.order.requester))
    return {
      deadline: play.model.seatBy(job),
      send: () => play.as(play.world.stranger).anchorSeats(job.order, orderSig, ...rest.slice(1)),
      model: (now) => {
        play.model.anchor(job, round.ids, round.commitments, now)
        played.round = round
      },
    }
  },
  async commit(play) {
    const waiting = play.jobIn('committing', 'reseating', 'disputed')
    const played = waiting && !play.random.oneIn(5) ? waiting : await play.newJob({ mode: 1, seats: 3 })
    const round = play.draw(played)
    const index = play.random.below(round.ids.length)
    const id = round.ids[index] ?? 0
    const who = play.operatorOf(id)
    const { job } = played
    const orderSig = await play.world.signOrder(job.order, play.signerOf(job.order.requester))
    const assignmentSig = await signAssignment(play.world, round.assignment)
    const commitment = round.commitments[index] ?? ''
    const seatSig = await signSeat(play.world, round, index)
    return {
      deadline: play.model.seatBy(job),
      send: () =>
        play
          .as(who)
          .commitSeat(job.order, orderSig, round.assignment, assignmentSig, id, commitment, seatSig),
      model: (now) => {
        play.model.commit(job, round.ids, who.address, id, commitment, now)
        played.round = round
      },
    }
  },
  seal(play) {
    const played = play.jobIn('committing')
    if (!played?.round) return undefined
    const { assignment } = played.round
    return {
      deadline: play.model.seatBy(played.job),
      send: () => play.as(play.world.stranger).sealSeats(played.job.order, assignment),
      model: (now) => play.model.seal(played.job, now),
    }
  },
  openSeat(play) {
    const played = play.jobIn('anchored')
    if (!played?.round || played.job.status !== 'anchored') return undefined
    const { job, round } = played
    const { copies } = round
    const index = play.random.below(round.ids.length)
    const isTrue = !play.random.oneIn(10) && !copies.has(index) && Boolean(job.seats[index]?.commitment)
    const salt = isTrue || copies.has(index) ? round.salts[index] : ZERO_HASH
    const output = round.outputs[index] ?? ''
    return {
      send: () =>
        play.as(play.world.stranger).openSeat(job.order, round.ids, anchoredOf(played), index, output, salt),
      model: () => play.model.openSeat(job, index, output, isTrue),
    }
  },
  open(play) {
    const played = play.jobIn('anchored')
    if (!played?.round || played.job.status !== 'anchored') return undefined
    const { job, round } = played
    const { copies } = round
    const all = !play.random.oneIn(3)
    const canOpen = (i: number) => Boolean(job.seats[i]?.commitment) && !copies.has(i)
    const given = round.outputs.map((output, i) =>
      canOpen(i) && (all || play.random.oneIn(2)) ? output : undefined,
    )
    const wrongAt = play.random.oneIn(12) ? given.findIndex(Boolean) : -1
    const salts = given.map((output, i) => (output && i !== wrongAt ? round.salts[i] : ZERO_HASH))
    const outputs = given.map((output) => output ?? ZERO_HASH)
    return {
      deadline: job.since + job.order.execWindow,
      send: () =>
        play.as(play.world.stranger).openSeats(job.order, round.ids, anchoredOf(played), outputs, salts),
      model: (now) => play.model.settle(job, given, wrongAt < 0, now),
    }
  },
}

/** Last second before a stranger may close the job. */
function deadlineOf(play: Play, job: ModelJob): number {
  return job.status === 'active' ? job.since + job.order.execWindow : play.model.seatBy(job)
}

/** Every plan by name, and how often it is drawn. */
export const plans: [name: string, plan: Plan, weight: number][] = [
  ...Object.entries(accounts).map(([name, plan]) => [name, plan, 2] as [string, Plan, number]),
  ...Object.entries(stakes).map(([name, plan]) => [name, plan, 2] as [string, Plan, number]),
  ...Object.entries(lane).map(([name, plan]) => [name, plan, 6] as [string, Plan, number]),
  ...Object.entries(redundant).map(([name, plan]) => [name, plan, 6] as [string, Plan, number]),
  ...Object.entries(lanes).map(([name, plan]) => [name, plan, 2] as [string, Plan, number]),
  ...Object.entries(openChannels).map(([name, plan]) => [name, plan, 1] as [string, Plan, number]),
  ...Object.entries(governance).map(([name, plan]) => [name, plan, 1] as [string, Plan, number]),
]
