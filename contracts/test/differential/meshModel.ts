import type { ChannelConfig, Order } from '../support/typedData.ts'
import { demand } from './ledgerModel.ts'
import { SeatModel } from './seatModel.ts'

export interface ModelChannel {
  config: ChannelConfig
  /** Paid in minus given back. */
  fundedWei: bigint
  claimedWei: bigint
  /** Zero while no close was started. */
  closableAfter: number
  isOpened: boolean
}

/** An item of a packed batch. */
export interface ModelItem {
  order: Order
  amountWei: bigint
  isSigned: boolean
}

/** The lanes that store no job, and channels, on top of the jobs: the whole mesh. */
export class MeshModel extends SeatModel {
  /** @param isSigned false when somebody else signed the receipt */
  settleOrder(order: Order, id: number, amountWei: bigint, isSigned: boolean, now: number): void {
    demand(order.mode === 0, 'UnsupportedMode')
    demand(order.providerId === 0 || order.providerId === id, 'WrongProvider')
    demand(amountWei <= order.priceWei, 'AmountTooHigh')
    demand(now <= order.acceptBy + order.execWindow, 'Expired')
    this.demandActive(id)
    demand(isSigned, 'BadSignature')
    this.takeFor(order, amountWei)
    this.earn(id, amountWei)
  }

  /** @param bids provider id and price, in the order of the list */
  settleAuction(
    order: Order,
    caller: string,
    bids: [number, bigint][],
    isSigned: boolean,
    now: number,
  ): void {
    demand(order.mode === 5, 'UnsupportedMode')
    demand(order.providerId === 0, 'WrongProvider')
    // A stable sort keeps the earlier of equal bids first.
    const [best, second] = [...bids].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0))
    demand(best !== undefined && best[1] <= order.priceWei, 'NoBid')
    this.demandOperator(caller, best[0])
    this.demandActive(best[0])
    demand(now <= order.acceptBy + order.execWindow, 'Expired')
    demand(isSigned, 'BadSignature')
    const paidWei = second && second[1] < order.priceWei ? second[1] : order.priceWei
    this.takeFor(order, paidWei)
    this.earn(best[0], paidWei)
  }

  /** @param agree false when one seat's statement is about another output */
  settleSeats(order: Order, ids: number[], agree: boolean, now: number): void {
    demand(order.mode === 1, 'UnsupportedMode')
    demand(now <= order.acceptBy + order.execWindow, 'Expired')
    const shareWei = order.priceWei / BigInt(ids.length)
    demand(!this.isNonceUsed(order.requester, order.nonce), 'NonceUsed')
    demand(this.freeOf(order.requester) >= shareWei * BigInt(ids.length), 'InsufficientFree')
    ids.forEach((id, i) => {
      this.demandBond(id, order.bondWei)
      demand(agree || i < ids.length - 1, 'BadSignature')
    })
    this.takeFor(order, shareWei * BigInt(ids.length))
    for (const id of ids) this.earn(id, shareWei)
  }

  /** Items of one payer in the order of their nonces; what cannot be settled is skipped. */
  settlePacked(caller: string, id: number, items: ModelItem[], now: number): void {
    this.demandActive(id)
    this.demandOperator(caller, id)
    let totalWei = 0n
    for (const { order, amountWei, isSigned } of items) {
      const { acceptBy, execWindow, nonce, priceWei, requester } = order
      const isDue = !this.isNonceUsed(requester, nonce) && now <= acceptBy + execWindow
      if (!isDue || amountWei > priceWei) continue
      // Before the signature is looked at, as anybody may move earnings at any time.
      this.reachInto(requester, amountWei)
      // What the batch earns its provider is not there yet, even when the payer owns it.
      if (!isSigned || this.freeOf(requester) < amountWei) continue
      this.takeFor(order, amountWei)
      totalWei += amountWei
    }
    this.earn(id, totalWei)
  }

  newChannel(config: ChannelConfig): ModelChannel {
    return { config, fundedWei: 0n, claimedWei: 0n, closableAfter: 0, isOpened: false }
  }

  openChannel(channel: ModelChannel, caller: string, amountWei: bigint): void {
    demand(caller === channel.config.payer, 'NotPayer')
    this.demandActive(channel.config.providerId)
    demand(!channel.isOpened, 'ChannelExists')
    demand(amountWei > 0n, 'ZeroAmount')
    this.debit(caller, amountWei)
    channel.fundedWei = amountWei
    channel.isOpened = true
  }

  topUp(channel: ModelChannel, caller: string, amountWei: bigint): void {
    this.demandOwnChannel(channel, caller)
    demand(amountWei > 0n, 'ZeroAmount')
    this.debit(caller, amountWei)
    channel.fundedWei += amountWei
    channel.closableAfter = 0
  }

  /** @param isSigned false when somebody else signed the voucher, which is then skipped */
  claim(channel: ModelChannel, caller: string, cumulativeWei: bigint, isSigned: boolean): void {
    this.demandOperator(caller, channel.config.providerId)
    const upToWei = cumulativeWei < channel.fundedWei ? cumulativeWei : channel.fundedWei
    if (!isSigned || upToWei <= channel.claimedWei) return
    this.earn(channel.config.providerId, upToWei - channel.claimedWei)
    channel.claimedWei = upToWei
  }

  startClose(channel: ModelChannel, caller: string, now: number): void {
    this.demandOwnChannel(channel, caller)
    demand(channel.closableAfter === 0, 'AlreadyClosing')
    channel.closableAfter = now + channel.config.withdrawDelay
  }

  closeChannel(channel: ModelChannel, now: number): void {
    demand(channel.isOpened, 'NoChannel')
    demand(channel.closableAfter !== 0, 'NotClosing')
    demand(now > channel.closableAfter, 'TooEarly')
    this.credit(channel.config.payer, channel.fundedWei - channel.claimedWei)
    channel.fundedWei = channel.claimedWei
    channel.closableAfter = 0
  }

  refundChannel(channel: ModelChannel, caller: string, amountWei: bigint): void {
    this.demandOperator(caller, channel.config.providerId)
    demand(channel.isOpened, 'NoChannel')
    demand(amountWei > 0n, 'ZeroAmount')
    demand(amountWei <= channel.fundedWei - channel.claimedWei, 'InsufficientChannel')
    channel.fundedWei -= amountWei
    this.credit(channel.config.payer, amountWei)
  }

  private demandOwnChannel({ config, isOpened }: ModelChannel, caller: string): void {
    demand(caller === config.payer, 'NotPayer')
    demand(isOpened, 'NoChannel')
  }

  private takeFor(order: Order, amountWei: bigint): void {
    demand(!this.isNonceUsed(order.requester, order.nonce), 'NonceUsed')
    this.debit(order.requester, amountWei)
    this.invalidateNonce(order.requester, order.nonce)
  }
}
