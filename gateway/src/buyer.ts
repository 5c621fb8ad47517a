import type {
  Chunk,
  ExecutionProfile,
  JobId,
  ProviderId,
  SignedCheckpoint,
  SignedReceipt,
  Skipped,
  StreamApi,
  StreamFinishReason,
  StreamOffer,
  StreamRequest,
  StreamUsage,
  VerificationMode,
} from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { StreamRoute } from './streams/way.ts'

/** Which model is to answer: its name for people, or the canonical hash of its execution profile. */
export type ModelChoice = { name: string; policy?: undefined } | { policy: Hex; name?: undefined }

/** Modes of the streaming lane. */
export type StreamMode = Extract<VerificationMode, 'signed' | 'reference'>

/** How a request is to be bought. */
export type BuyOptions = {
  model: ModelChoice
  /** How the answer is checked. */
  mode: StreamMode
  /** Most that the whole answer may cost, over all providers that had a part in it, DUCK wei. @default no limit but the request's own */
  maxPriceWei?: bigint | undefined
  /** `sealed`: nobody but the provider reads the request and the answer. @default 'open' */
  privacy?: 'open' | 'sealed' | undefined
  /** Ways that it may go; by a relay it is always sealed. @default that of the buyer */
  route?: StreamRoute | undefined
  /** Ends everything: the connection is closed, and what was given is paid. */
  signal?: AbortSignal | undefined
  /** Providers that must not be asked. */
  exclude?: readonly ProviderId[] | undefined
}

/** What happens while an answer is bought. */
export type BuyerEvent =
  /** A provider has accepted the request. */
  | { type: 'start'; streamId: JobId; providerId: ProviderId; policy: Hex }
  /** A piece of the answer. Its index is the signed one: it counts from 0 again after a `switch`. */
  | { type: 'chunk'; chunk: Chunk }
  /** The answer goes on at another provider, where the last one ended; `why` is an error code. */
  | { type: 'switch'; fromProviderId: ProviderId; toProviderId: ProviderId; why: string }

/** One provider's part of an answer. */
export type BuyerPart = {
  streamId: JobId
  providerId: ProviderId
  /** Number of its first token in the whole answer, from 0, and how many it gave. */
  firstToken: number
  tokens: number
  /** Most that it can claim for its part, DUCK wei. */
  costWei: bigint
  /** What it signed for its part; null when it came to no end, as before a `switch`: then it is fetched later. */
  receipt: SignedReceipt | null
  /** The latest that it signed where there is no receipt; null when there is one, or nothing was signed. */
  checkpoint: SignedCheckpoint | null
}

/** How an answer ended and what it cost. */
export type BuyerResult = {
  /** Streams that make up the answer, in order. */
  streamIds: JobId[]
  /** Their providers, in the same order. */
  providers: ProviderId[]
  /** Who gave which tokens. */
  parts: BuyerPart[]
  /** Prompt as asked, without what was given before a switch; all tokens of the answer. */
  usage: StreamUsage
  /** What the buyer owes for it, DUCK wei. After an abort: most that it can owe for what came. */
  costWei: bigint
  /** `cut`: the signal ended it; `unpaid`: `maxPriceWei` or the money of the buyer did. */
  finishReason: StreamFinishReason
  /** Signed by the providers; one that came to no end is fetched later and is missing here. */
  receipts: SignedReceipt[]
  /** Every provider that was not taken, with the reason and what would have to change. */
  why: Skipped[]
}

/** A model on offer. */
export type BuyerModel = {
  policy: Hex
  profile: ExecutionProfile
  /** What it can be asked. */
  apis: StreamApi[]
  /** Providers that stream it now. */
  providers: number
  /** Least price among them, DUCK wei. */
  price: Pick<StreamOffer, 'requestWei' | 'promptTokenWei' | 'tokenWei'>
}

/** What a request would cost, and who would answer. */
export type BuyerQuote = {
  providerId: ProviderId
  policy: Hex
  price: Pick<StreamOffer, 'requestWei' | 'promptTokenWei' | 'tokenWei'>
  /** Most that it can cost there, DUCK wei. */
  ceilingWei: bigint
  why: Skipped[]
}

/** Where the buyer's DUCK is, wei. */
export type BuyerBalance = {
  /** Free in DuckMesh: can open channels or be withdrawn. */
  freeWei: bigint
  /** Held by channels: paid in, not claimed. */
  heldWei: bigint
  /** Part of it that providers have earned by their signed statements and not claimed yet. */
  owedWei: bigint
}

/** One channel, for the eyes of its owner. Amounts are DUCK wei, times unix milliseconds. */
export type ChannelView = {
  channelId: Hex
  providerId: ProviderId
  /** `opening`: sent, not in a block yet; `suspect`: what others know of it does not fit the store, it is only closed. */
  state: 'opening' | 'open' | 'closing' | 'closed' | 'suspect'
  fundedWei: bigint
  claimedWei: bigint
  /** Sum of the provider's verified statements. */
  owedWei: bigint
  /** Largest voucher: most that can be claimed. */
  voucherWei: bigint
  /** Claimed beyond what was proved to be owed: the provider took what it had not earned. */
  overclaimedWei: bigint
  openStreams: JobId[]
  /** When it is closed for want of use; null while streams run, or when it is not open. */
  idleCloseAtMs: number | null
  /** When what is left comes back; null when no close was started. */
  returnsAtMs: number | null
  /** What would come back if it was closed now. */
  returnsWei: bigint
  /** Why it is `suspect`, in words. */
  fault: string | null
}

/** Who pays, and how streams travel. */
export type BuyerIdentity = {
  /** Account whose money is spent. */
  payer: Address
  /** Address of the purse's own key, which signs vouchers and sessions. */
  voucherKey: Address
  /** Ways of streams that say nothing else. */
  route: StreamRoute
}

/** Whether the parts that the buyer leans on answer. */
export type BuyerHealth = {
  coordinator: PartHealth
  chain: PartHealth
}
export type PartHealth = {
  isOk: boolean
  /** Last answer, unix milliseconds; null when there was none. */
  lastOkAtMs: number | null
  /** Error code of the last try when that failed. */
  code: string | null
}

/** Buys answers on the streaming lane: chooses providers, pays them by channels, checks what they say. */
export type Buyer = {
  /**
   * Buys one answer. Ending the iteration early is an abort.
   * @throws DuckMeshError `UNKNOWN_MODEL`, `NO_PROVIDERS` (nobody offers it on these terms), `EXECUTOR_BUSY` (all are
   * busy), `INSUFFICIENT_FUNDS`, `SERVICE_UNAVAILABLE` (coordinator), `CHAIN_UNAVAILABLE`, `STREAM_CUT` (a part was
   * given and nobody can go on; `details.costWei`), `CANCELLED` (aborted before anything was given)
   */
  stream(request: StreamRequest, options: BuyOptions): AsyncGenerator<BuyerEvent, BuyerResult, undefined>
  /**
   * Says who would answer and for how much; sends and signs nothing.
   * @throws DuckMeshError `UNKNOWN_MODEL`, `NO_PROVIDERS`, `EXECUTOR_BUSY`, `SERVICE_UNAVAILABLE`
   */
  quote(request: StreamRequest, options: Omit<BuyOptions, 'signal'>): Promise<BuyerQuote>
  models(): Promise<BuyerModel[]>
  balance(): Promise<BuyerBalance>
  /** Where the money is, channel by channel, with countdowns. */
  channels(): ChannelView[]
  health(): BuyerHealth
  identity(): BuyerIdentity
  /** Ends all streams, and saves; channels stay open for the next start. */
  close(): Promise<void>
}
