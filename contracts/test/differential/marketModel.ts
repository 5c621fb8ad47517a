import type { Order } from '../support/typedData.ts'
import { BPS, demand, LedgerModel } from './ledgerModel.ts'

export type ModelStatus =
  | 'none'
  | 'open'
  | 'active'
  | 'submitted'
  | 'disputed'
  | 'committing'
  | 'anchored'
  | 'reseating'
  | 'paid'
  | 'refunded'
  | 'failed'

/** A seat of the current round. */
export interface ModelSeat {
  id: number
  /** Undefined while the seat has not committed. */
  commitment?: string
  /** Output brought by openSeat. */
  opened?: string
}

export interface ModelJob {
  order: Order
  status: ModelStatus
  since: number
  round: number
  providerId: number
  takenOver: boolean
  output: string
  seats: ModelSeat[]
  dispute?: { challenger: string; providerId: number; output: string }
}

/** The zero address: an order without coordinator. */
export const NOBODY = `0x${'00'.repeat(20)}`
const SEATING_WINDOWS = 2
/** A late provider's window, one to be taken over in, and that of who takes over. */
const WORK_WINDOWS = 3

/** Half of a lost bond, the larger half when it is odd. */
export function burnedOf(bondWei: bigint): bigint {
  return bondWei - bondWei / 2n
}

/** The on-chain lane with its disputes, on top of the accounts. */
export class MarketModel extends LedgerModel {
  newJob(order: Order): ModelJob {
    return {
      order,
      status: 'none',
      since: 0,
      round: 0,
      providerId: 0,
      takenOver: false,
      output: '',
      seats: [],
    }
  }

  post(job: ModelJob, caller: string, now: number): void {
    const { order } = job
    demand(caller === order.requester, 'NotRequester')
    const judged = order.coordinator === NOBODY ? 0 : SEATING_WINDOWS + 1
    this.enter(order, now, order.execWindow * (WORK_WINDOWS + judged) + order.disputeWindow)
    this.move(job, 'open', now)
  }

  cancel(job: ModelJob, caller: string, now: number): void {
    demand(caller === job.order.requester, 'NotRequester')
    demand(job.status === 'open', 'BadState')
    this.refund(job, now)
  }

  accept(job: ModelJob, caller: string, id: number, now: number): void {
    demand(job.status === 'open', 'BadState')
    demand(now <= job.order.acceptBy, 'Expired')
    demand(job.order.providerId === 0 || job.order.providerId === id, 'WrongProvider')
    this.demandOperator(caller, id)
    this.demandBond(id, job.order.bondWei)
    this.lock(id, job.order.bondWei)
    job.providerId = id
    this.move(job, 'active', now)
  }

  takeOver(job: ModelJob, caller: string, id: number, now: number): void {
    const { bondWei, execWindow, providerId, requester } = job.order
    demand(job.status === 'active', 'BadState')
    demand(now > job.since + execWindow, 'TooEarly')
    demand(now <= job.since + 2 * execWindow, 'Expired')
    demand(!job.takenOver, 'TakenOverAlready')
    demand(providerId === 0 && id !== job.providerId, 'WrongProvider')
    this.demandOperator(caller, id)
    this.demandBond(id, bondWei)
    const keptWei = bondWei - burnedOf(bondWei)
    this.slash(job.providerId, bondWei)
    this.burn(burnedOf(bondWei))
    this.earn(id, keptWei / 2n)
    this.credit(requester, keptWei - keptWei / 2n)
    this.lock(id, bondWei)
    job.takenOver = true
    job.providerId = id
    this.move(job, 'active', now)
  }

  submit(job: ModelJob, caller: string, output: string, now: number): void {
    demand(job.status === 'active', 'BadState')
    this.demandOperator(caller, job.providerId)
    demand(now <= job.since + job.order.execWindow, 'Expired')
    job.output = output
    this.move(job, 'submitted', now)
  }

  finalize(job: ModelJob, now: number): void {
    demand(job.status === 'submitted', 'BadState')
    demand(now > job.since + job.order.disputeWindow, 'TooEarly')
    this.pay(job, job.providerId, now)
  }

  expire(job: ModelJob, now: number): void {
    const { order } = job
    if (job.status === 'open') {
      demand(now > order.acceptBy, 'TooEarly')
      this.refund(job, now)
    } else if (job.status === 'active') {
      demand(now > job.since + order.execWindow, 'TooEarly')
      this.slash(job.providerId, order.bondWei)
      this.burn(burnedOf(order.bondWei))
      this.credit(order.requester, order.priceWei + order.bondWei - burnedOf(order.bondWei))
      this.move(job, 'failed', now)
    } else if (job.status === 'reseating') {
      demand(now > this.seatBy(job), 'TooEarly')
      this.refund(job, now)
    } else {
      demand(job.status === 'disputed', 'BadState')
      demand(now > this.seatBy(job), 'TooEarly')
      this.closeUndecided(job, now)
    }
  }

  openDispute(job: ModelJob, caller: string, claimed: string, now: number): void {
    const { order } = job
    demand(job.status === 'submitted', 'BadState')
    demand(order.coordinator !== NOBODY, 'NoCoordinator')
    demand(order.bondWei > 0n, 'NoBond')
    demand(claimed !== job.output, 'SameOutput')
    demand(now <= job.since + order.disputeWindow, 'Expired')
    this.debit(caller, order.bondWei)
    job.dispute = { challenger: caller, providerId: job.providerId, output: job.output }
    job.round = 2
    this.move(job, 'disputed', now)
  }

  /** Last second to seat the round that the job is waiting for. */
  seatBy(job: ModelJob): number {
    return job.round === 0 ? job.order.acceptBy : job.since + SEATING_WINDOWS * job.order.execWindow
  }

  protected enter(order: Order, now: number, windowsSeconds: number): void {
    demand(now <= order.acceptBy, 'Expired')
    demand(order.acceptBy - now + windowsSeconds <= this.params.maxJobLifeSeconds, 'LifeTooLong')
    this.demandLeastBond(order)
    demand(!this.isNonceUsed(order.requester, order.nonce), 'NonceUsed')
    this.debit(order.requester, order.priceWei)
    this.invalidateNonce(order.requester, order.nonce)
  }

  protected demandLeastBond({ bondWei, priceWei }: Order): void {
    demand(bondWei >= (priceWei * this.terms.minBondBps) / BPS, 'BondTooLow')
  }

  /** The submitted result stands. */
  protected pay(job: ModelJob, id: number, now: number): void {
    this.unlock(id, job.order.bondWei)
    this.earn(id, job.order.priceWei)
    this.move(job, 'paid', now)
  }

  protected refund(job: ModelJob, now: number): void {
    this.credit(job.order.requester, job.order.priceWei)
    this.move(job, 'refunded', now)
  }

  protected closeUndecided(job: ModelJob, now: number): void {
    const { challenger, providerId } = this.takeDispute(job)
    this.credit(challenger, job.order.bondWei)
    this.pay(job, providerId, now)
  }

  /** The losing bond: half burns, the winners share the rest, and the dust burns too. */
  protected closeDecided(job: ModelJob, output: string, winners: number[], now: number): void {
    const { bondWei } = job.order
    const { challenger, providerId, output: submitted } = this.takeDispute(job)
    const eachWei = (bondWei - burnedOf(bondWei)) / BigInt(winners.length)
    for (const id of winners) this.earn(id, eachWei)
    this.burn(bondWei - eachWei * BigInt(winners.length))
    if (output === submitted) {
      this.pay(job, providerId, now)
    } else {
      this.slash(providerId, bondWei)
      this.credit(challenger, bondWei)
      this.refund(job, now)
    }
  }

  protected move(job: ModelJob, status: ModelStatus, now: number): void {
    job.status = status
    job.since = now
  }

  private takeDispute(job: ModelJob) {
    const { dispute } = job
    if (!dispute) throw new Error('The model closes a dispute that is not there')
    delete job.dispute
    return dispute
  }
}
