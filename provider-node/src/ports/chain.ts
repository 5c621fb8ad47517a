import type {
  Assignment,
  ChannelConfig,
  JobId,
  MeshDomain,
  OnchainStatus,
  Order,
  ProviderId,
  SeatCommit,
} from '@duckmesh/protocol'
import type { Address, Hex, Log } from 'viem'

/** A provider as registered on chain. */
export type ChainProvider = {
  owner: Address
  signingKey: Address
  stakedWei: bigint
  lockedWei: bigint
}

/** A job as stored on chain. */
export type ChainJob = {
  status: OnchainStatus
  round: number
  /** Who accepted it; 0 in the redundant lane. */
  providerId: ProviderId
  /** Unix seconds of the last transition. */
  at: number
  /** While anchored: high 200 bits of the hash of seats and commitments. */
  tag: bigint
}

/** Terms of the DuckMesh deployment. */
export type ChainTerms = { token: Address; minStakeWei: bigint }

/** Seats of an anchored round, in seat order; a zero commitment for a seat that never committed. */
export type AnchoredSeats = { seats: ProviderId[]; commitments: Hex[] }

/** A payment channel as stored on chain. Amounts are DUCK wei since it was opened. */
export type ChainChannel = {
  /** Paid in minus given back; what is above `claimedWei` can be claimed. */
  fundedWei: bigint
  claimedWei: bigint
  /** Last unix second before the payer may take the rest back; 0 while no close was started. */
  closableAfter: number
  opened: boolean
}

/** One channel to claim from, with the voucher that allows it. */
export type ChannelClaim = {
  config: ChannelConfig
  /** As in the voucher. */
  maxCumulativeWei: bigint
  /** What was used since the channel was opened. */
  cumulativeWei: bigint
  voucherSignature: Hex
}

/** What a node may send. */
export type ChainCall =
  | {
      kind: 'commitSeat'
      order: Order
      orderSignature: Hex
      assignment: Assignment
      assignmentSignature: Hex
      providerId: ProviderId
      commitment: Hex
      seatSignature: Hex
    }
  | { kind: 'sealSeats'; order: Order; assignment: Assignment }
  | ({ kind: 'openSeat'; order: Order; index: number; outputHash: Hex; salt: Hex } & AnchoredSeats)
  | ({ kind: 'openSeats'; order: Order; outputs: Hex[]; salts: Hex[] } & AnchoredSeats)
  | { kind: 'acceptJob'; order: Order; providerId: ProviderId }
  | { kind: 'submitResult'; jobId: JobId; outputHash: Hex }
  | { kind: 'finalizeJob' | 'expireJob'; order: Order }
  | {
      kind: 'proveSeatEquivocation'
      order: Order
      assignment: Assignment
      first: SeatCommit
      firstSignature: Hex
      second: SeatCommit
      secondSignature: Hex
    }
  | {
      kind: 'settleProof'
      order: Order
      orderSignature: Hex
      providerId: ProviderId
      outputHash: Hex
      proof: Hex
    }
  | { kind: 'approve'; amountWei: bigint }
  | { kind: 'deposit'; amountWei: bigint }
  | {
      kind: 'registerProvider'
      signingKey: Address
      profileHash: Hex
      endpoint: string
      stakeWei: bigint
    }
  | { kind: 'stake'; providerId: ProviderId; amountWei: bigint }
  | { kind: 'claim'; providerId: ProviderId; claims: ChannelClaim[] }

/**
 * The chain as the node sees it. Reads throw `CHAIN_UNAVAILABLE` when it does not answer. `send` simulates first
 * and throws `CHAIN_REVERTED` with the contract's reason; whatever it throws, the caller reads the state again and
 * decides from that, since a transaction may have been mined although its answer was lost.
 */
export type Chain = {
  domain: MeshDomain
  /** Account that sends and owns the provider. */
  owner: Address
  /** When the chain first failed to answer, ms; undefined while it answers. */
  readonly unreachableSinceMs: number | undefined
  terms(): Promise<ChainTerms>
  /** Number of the latest block, and the time that the next one will have at least, unix seconds. */
  head(): Promise<{ number: bigint; nowSeconds: number }>
  /** 0 when `owner` has no provider. */
  providerIdOf(owner: Address): Promise<ProviderId>
  provider(providerId: ProviderId): Promise<ChainProvider>
  /** Free balance inside DuckMesh, wei. */
  freeWei(account: Address): Promise<bigint>
  /** DUCK in the wallet, wei. */
  walletWei(account: Address): Promise<bigint>
  nonceUsed(requester: Address, nonce: bigint): Promise<boolean>
  job(jobId: JobId): Promise<ChainJob>
  /** Provider whose result is disputed now; 0 when none is. */
  accusedOf(jobId: JobId): Promise<ProviderId>
  /** Stored by `commitSeat`; zero once the round is anchored. */
  seatCommitment(jobId: JobId, providerId: ProviderId): Promise<Hex>
  /** Stored by `openSeat`; zero once the round is settled. */
  seatOpening(jobId: JobId, providerId: ProviderId): Promise<Hex>
  /** A payment channel. */
  channel(channelId: Hex): Promise<ChainChannel>
  /** Ids of the channels that were funded, closed, refunded or claimed from in these blocks, both included. */
  changedChannels(fromBlock: bigint, toBlock: bigint): Promise<Hex[]>
  /** Asks the verifier behind a selector, as the contract would; see `taskInputOf`. */
  proofHolds(selector: Hex, taskInput: Hex, outputHash: Hex, proof: Hex): Promise<boolean>
  /** Who was paid for a proof of the job, and for which output; undefined while nobody was. */
  settledProof(
    jobId: JobId,
    fromBlock: bigint,
  ): Promise<{ providerId: ProviderId; outputHash: Hex } | undefined>
  /** Logs of DuckMesh that name the job, oldest first. */
  jobLogs(jobId: JobId, fromBlock: bigint): Promise<Log[]>
  /** Calldata of a transaction. */
  transactionInput(hash: Hex): Promise<Hex>
  /** ERC-1271: whether a contract account accepts the signature; false for an account without code. */
  isAcceptedByContract(account: Address, digest: Hex, signature: Hex): Promise<boolean>
  /** Sends from `owner`, one transaction after another, and waits until it is mined. */
  send(call: ChainCall): Promise<Hex>
}
