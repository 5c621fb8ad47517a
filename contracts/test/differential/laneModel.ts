import { demand } from './ledgerModel.ts'
import type { ModelJob } from './marketModel.ts'
import { MeshModel } from './meshModel.ts'

/** A bid as the coordinator lists it. */
export interface ModelBid {
  id: number
  priceWei: bigint
}

/** Ways of settling in one call, which leave no job behind, on top of the mesh. */
export class LaneModel extends MeshModel {
  settleReceipt(job: ModelJob, id: number, amountWei: bigint, now: number): void {
    const { order } = job
    demand(order.providerId === 0 || order.providerId === id, 'WrongProvider')
    demand(amountWei <= order.priceWei, 'AmountTooHigh')
    this.demandInTime(job, now)
    this.demandActive(id)
    this.take(job, amountWei)
    this.earn(id, amountWei)
  }

  /** @param agree whether all seats promised one output, and no one another's commitment */
  settleSeats(job: ModelJob, ids: number[], agree: boolean, now: number): void {
    const { order } = job
    const shareWei = order.priceWei / BigInt(ids.length)
    const totalWei = shareWei * BigInt(ids.length)
    this.demandInTime(job, now)
    demand(!this.isNonceUsed(order.requester, order.nonce), 'NonceUsed')
    demand(this.freeOf(order.requester) >= totalWei, 'InsufficientFree')
    for (const id of ids) {
      this.demandBond(id, order.bondWei)
      demand(agree, 'BadSignature')
    }
    this.take(job, totalWei)
    for (const id of ids) this.earn(id, shareWei)
  }

  settleAuction(job: ModelJob, bids: ModelBid[], caller: string, now: number): void {
    const { priceWei } = job.order
    const [best, second] = bids
      .map((bid, place) => ({ ...bid, place }))
      .sort((a, b) => (a.priceWei === b.priceWei ? a.place - b.place : a.priceWei < b.priceWei ? -1 : 1))
    demand(best !== undefined && best.priceWei <= priceWei, 'NoBid')
    this.demandOperator(caller, best.id)
    this.demandActive(best.id)
    this.demandInTime(job, now)
    const paidWei = second && second.priceWei < priceWei ? second.priceWei : priceWei
    this.take(job, paidWei)
    this.earn(best.id, paidWei)
  }

  private demandInTime({ order }: ModelJob, now: number): void {
    demand(now <= order.acceptBy + order.execWindow, 'Expired')
  }

  private take({ order }: ModelJob, amountWei: bigint): void {
    demand(!this.isNonceUsed(order.requester, order.nonce), 'NonceUsed')
    this.debit(order.requester, amountWei)
    this.invalidateNonce(order.requester, order.nonce)
  }
}
