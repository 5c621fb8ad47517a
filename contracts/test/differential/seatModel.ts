import { demand } from './ledgerModel.ts'
import { burnedOf, MarketModel, type ModelJob, NOBODY } from './marketModel.ts'

/** Redundant mode on top of the market. */
export class SeatModel extends MarketModel {
  /** All seats at once; those that committed by themselves keep what they said. */
  anchor(job: ModelJob, ids: number[], commitments: string[], now: number): void {
    this.demandSeating(job, ids, now)
    this.demandEntry(job, now)
    const missing = ids.filter((id) => !seatOf(job, id)?.commitment)
    ids.forEach((id, i) => {
      const own = seatOf(job, id)?.commitment
      if (own) demand(own === commitments[i], 'CommitmentMismatch')
      else this.demandBond(id, job.order.bondWei)
    })
    this.takeEntry(job, now)
    for (const id of missing) this.lock(id, job.order.bondWei)
    job.seats = ids.map((id, i) => ({ id, commitment: commitments[i] ?? '' }))
    this.move(job, 'anchored', now)
  }

  commit(job: ModelJob, ids: number[], caller: string, id: number, commitment: string, now: number): void {
    this.demandSeating(job, ids, now)
    this.demandEntry(job, now)
    this.demandOperator(caller, id)
    demand(ids.includes(id), 'NotSeated')
    demand(!seatOf(job, id)?.commitment, 'AlreadyCommitted')
    this.demandBond(id, job.order.bondWei)
    this.takeEntry(job, now)
    this.lock(id, job.order.bondWei)
    if (job.status !== 'committing') job.seats = ids.map((seat) => ({ id: seat }))
    // The round began when the job began to wait for seats, not when the first one committed.
    if (job.status === 'none') job.since = now
    job.status = 'committing'
    const seat = seatOf(job, id)
    if (seat) seat.commitment = commitment
    if (job.seats.every((other) => other.commitment)) this.move(job, 'anchored', now)
  }

  seal(job: ModelJob, now: number): void {
    demand(job.status === 'committing', 'BadState')
    demand(now > this.seatBy(job), 'TooEarly')
    this.move(job, 'anchored', now)
  }

  openSeat(job: ModelJob, index: number, output: string, isTrue: boolean): void {
    demand(job.status === 'anchored', 'BadState')
    const seat = job.seats[index]
    if (!seat) throw new Error('The model has no such seat')
    demand(isTrue, 'BadOpening')
    demand(!seat.opened, 'AlreadyOpened')
    seat.opened = output
  }

  /**
   * @param given output by seat index, undefined where no opening is brought
   * @param areTrue false when one of them does not open its commitment
   */
  settle(job: ModelJob, given: (string | undefined)[], areTrue: boolean, now: number): void {
    demand(job.status === 'anchored', 'BadState')
    demand(areTrue, 'BadOpening')
    const seats = job.seats.map((seat, i) => ({ ...seat, output: given[i] ?? seat.opened }))
    const openedCommitments = seats.filter(({ output }) => output).map(({ commitment }) => commitment)
    const silent = seats.filter(
      ({ output, commitment }) => !output && commitment && !openedCommitments.includes(commitment),
    )
    demand(silent.length === 0 || now > job.since + job.order.execWindow, 'TooEarly')

    const majority = seats
      .map(({ output }) => output)
      .find((output) => output && 2 * seats.filter((seat) => seat.output === output).length > seats.length)
    const bound = seats.filter(({ commitment }) => commitment)
    const winners = bound.filter(({ output }) => majority && output === majority)
    const slashed = bound.filter(({ output }) => !output || (majority && output !== majority))
    this.releaseBonds(job, bound, slashed)
    this.closeRound(
      job,
      majority,
      winners.map(({ id }) => id),
      now,
    )
    job.seats = []
  }

  private releaseBonds(job: ModelJob, bound: { id: number }[], slashed: { id: number }[]): void {
    const { bondWei, requester } = job.order
    for (const seat of bound) {
      if (!slashed.includes(seat)) {
        this.unlock(seat.id, bondWei)
        continue
      }
      this.slash(seat.id, bondWei)
      this.burn(burnedOf(bondWei))
      this.credit(requester, bondWei - burnedOf(bondWei))
    }
  }

  private closeRound(job: ModelJob, majority: string | undefined, winners: number[], now: number): void {
    if (job.round === 2) {
      if (majority) this.closeDecided(job, majority, winners, now)
      else this.closeUndecided(job, now)
    } else if (majority) {
      const { priceWei, seats, requester } = job.order
      const shareWei = priceWei / BigInt(seats)
      for (const id of winners) this.earn(id, shareWei)
      this.credit(requester, priceWei - shareWei * BigInt(winners.length))
      this.move(job, 'paid', now)
    } else if (job.round === 0) {
      job.round = 1
      this.move(job, 'reseating', now)
    } else {
      this.refund(job, now)
    }
  }

  private demandSeating(job: ModelJob, ids: number[], now: number): void {
    const waits = ['none', 'committing', 'reseating', 'disputed'].includes(job.status)
    demand(waits, 'BadState')
    if (job.status !== 'committing') {
      demand(job.order.coordinator !== NOBODY, 'BadSignature')
      demand(ids.length >= 3, 'BadSeatCount')
      if (job.dispute) demand(!ids.includes(job.dispute.providerId), 'AccusedSeat')
    }
    if (job.status !== 'none') demand(now <= this.seatBy(job), 'Expired')
  }

  /** What entering the order in round 0 asks for. */
  private demandEntry(job: ModelJob, now: number): void {
    const { order } = job
    if (job.status !== 'none') return
    demand(order.mode === 1, 'UnsupportedMode')
    demand(now <= order.acceptBy, 'Expired')
    demand(order.acceptBy - now + 4 * order.execWindow <= this.params.maxJobLifeSeconds, 'LifeTooLong')
    this.demandLeastBond(order)
    demand(!this.isNonceUsed(order.requester, order.nonce), 'NonceUsed')
    demand(this.freeOf(order.requester) >= order.priceWei, 'InsufficientFree')
  }

  private takeEntry(job: ModelJob, now: number): void {
    if (job.status === 'none') this.enter(job.order, now, 4 * job.order.execWindow)
  }
}

function seatOf(job: ModelJob, id: number) {
  return job.seats.find((seat) => seat.id === id)
}
