import type { ProviderId, StreamRequest, StreamUsage } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Buyer, BuyerEvent, BuyerResult } from './buyer.ts'
import type { MenuMode } from './menu/guarantees.ts'
import type { StreamRoute } from './streams/way.ts'

/** Money put aside for one request. */
export type Hold = {
  /**
   * Takes what the request cost and gives the rest back; a second call does nothing.
   * @param costWei DUCK wei
   */
  settle(costWei: bigint): Promise<void>
}

/** Where the money of a caller comes from, when it is not simply the gateway's own. */
export type Till = {
  /**
   * Puts aside the most that a request can cost, before anything is bought.
   * @throws DuckMeshError `BUDGET_SPENT`, `CREDIT_TOO_LOW`, `UNAUTHENTICATED` for a key that was revoked meanwhile
   */
  hold(amountWei: bigint): Promise<Hold>
}

/** Who calls. */
export type Caller = {
  /** Undefined: the buyer's own balance is the only limit. */
  till?: Till | undefined
}

/** How the answers of a gateway are bought when the client does not say. */
export type Defaults = {
  verify: MenuMode
  privacy: 'open' | 'sealed'
  route: StreamRoute
  /** Most that one request may cost, DUCK wei; a client may lower it, never raise it. */
  maxPriceWei?: bigint | undefined
}

/** Runs a request as a redundant job: several seats answer, and most of them must agree. */
export type RedundantRunner = {
  /** Seats of a job. */
  seats: number
  /** Least price of one seat, DUCK wei; undefined when too few providers serve the model. */
  seatPriceWei(policy: Hex): Promise<bigint | undefined>
  /**
   * Runs one to its end. The answer comes whole, in one chunk.
   * @param request a completion without top-p, stop texts and log-probabilities: see `redundantRefusal`
   * @throws DuckMeshError what the job was refused or failed with
   */
  stream(
    request: Extract<StreamRequest, { api: 'completion' }>,
    options: { policy: Hex; maxPriceWei: bigint; signal: AbortSignal },
  ): AsyncGenerator<BuyerEvent, BuyerResult, undefined>
}

/** What became of one request, for status lines and metrics. Nothing of what was asked or answered is in it. */
export type AnswerFacts = {
  api: StreamRequest['api']
  model: string
  verify: MenuMode
  providers: ProviderId[]
  usage: StreamUsage
  costWei: bigint
  tookMs: number
  /** How it ended: a finish reason, or an error code. */
  end: string
}

/** How long things may take, milliseconds. */
export type Times = {
  /** A comment goes out after that much silence: proxies and clients cut connections that say nothing. */
  keepAliveMs: number
  /** A client may leave what it was sent unread for that long: its answer holds a slot of a provider meanwhile. */
  stallMs: number
  /** A request is ended after that long. Money that was put aside for one is free again after that, see `credit`. */
  requestMs: number
}

/** Times of a gateway that says nothing else. */
export const defaultTimes: Times = { keepAliveMs: 10_000, stallMs: 60_000, requestMs: 600_000 }

/** One home of the gateway, local or hosted: everything that the OpenAI surface works with. */
export type Gateway = {
  buyer: Buyer
  /** Missing where redundant jobs cannot be bought; the menu says so. */
  redundant?: RedundantRunner | undefined
  defaults: Defaults
  /**
   * Says who calls.
   * @param authorization the header, untrusted
   * @throws DuckMeshError `UNAUTHENTICATED`, `RATE_LIMITED`
   */
  admit(authorization: string | undefined): Promise<Caller>
  /** @default `defaultTimes` */
  times?: Times | undefined
  /** Milliseconds since 1970. */
  nowMs(): number
  /** A random whole number from 0 up to, and without, `below`. */
  randomBelow(below: number): number
  /** Told what went wrong inside; the caller gets a code alone. */
  onError(error: Error, facts: { requestId: string; path: string }): void
  /** Told of every request that was to be bought, when it is over. */
  onAnswer?: ((facts: AnswerFacts) => void) | undefined
  /** Aborts when the gateway stops: requests that still run end there, paid to the chunk. */
  stopping: AbortSignal
}
