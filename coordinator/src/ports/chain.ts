import type {
  Assignment,
  EvidenceBatch,
  JobId,
  OnchainStatus,
  Order,
  Outcome,
  ProofClaim,
  ProviderId,
  SeatsByRound,
  SnarkjsKey,
  TaskResult,
} from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { EvidenceChain } from './evidenceChain.ts'

/** A provider as registered on chain. */
export type ChainProvider = {
  providerId: ProviderId
  owner: Address
  signingKey: Address
  stakedWei: bigint
  lockedWei: bigint
  isActive: boolean
}

/** A job as stored on chain. */
export type ChainJob = {
  status: OnchainStatus
  round: number
  /** Unix seconds of the last transition. */
  at: number
}

/** What the coordinator may send. Every call is permissionless: its signatures authenticate it, an anchor its sender. */
export type ChainCall =
  | {
      kind: 'anchorSeats'
      order: Order
      orderSignature: Hex
      assignment: Assignment
      assignmentSignature: Hex
      commitments: Hex[]
      seatSignatures: Hex
    }
  | {
      kind: 'settleSeats'
      order: Order
      orderSignature: Hex
      assignment: Assignment
      assignmentSignature: Hex
      outputHash: Hex
      salts: Hex[]
      revealSignatures: Hex
    }
  | { kind: 'openSeats'; order: Order; ids: number[]; commitments: Hex[]; outputs: Hex[]; salts: Hex[] }
  | { kind: 'sealSeats'; order: Order; assignment: Assignment }
  | { kind: 'expireJob'; order: Order }
  | { kind: 'proveFalseProof'; order: Order; claim: ProofClaim; claimSignature: Hex; proof: Hex }
  | { kind: 'anchor'; anchors: Address; sequence: number; batch: EvidenceBatch }

/** Terms of the DuckMesh deployment. */
export type ChainTerms = {
  token: Address
  feeBps: number
  minStakeWei: bigint
  maxJobLifeSeconds: number
}

/**
 * The chain as the coordinator sees it. Reads throw `CHAIN_UNAVAILABLE`. `send` simulates first and throws
 * `CHAIN_REVERTED` with the contract's reason; after any failure the caller decides from `job`, never from the error.
 */
export type Chain = EvidenceChain & {
  chainId: number
  mesh: Address
  terms(): Promise<ChainTerms>
  /** Number of the latest block, and the unix second that a transaction sent now would see. */
  head(): Promise<{ number: bigint; timestamp: number }>
  providers(): Promise<ChainProvider[]>
  providerIdByKey(signingKey: Address): Promise<ProviderId>
  freeWei(account: Address): Promise<bigint>
  nonceUsed(requester: Address, nonce: bigint): Promise<boolean>
  job(jobId: JobId): Promise<ChainJob>
  /** Provider whose result is disputed now; 0 when none is. */
  accusedOf(jobId: JobId): Promise<ProviderId>
  /** First block with a time of at least `timestamp`, unix seconds; the latest one when there is none. */
  blockAt(timestamp: number): Promise<bigint>
  /** ECDSA or ERC-1271, as the contract checks it. */
  isSignedBy(account: Address, digest: Hex, signature: Hex): Promise<boolean>
  /** Sends and waits for the receipt. `onHash` is told the hash as soon as the transaction is out. */
  send(call: ChainCall, onHash: (hash: Hex) => Promise<void>): Promise<void>
  /** Commitments of an anchored round, from the events. */
  anchoredSeats(
    jobId: JobId,
    round: number,
    fromBlock: bigint,
  ): Promise<{ ids: number[]; commitments: Hex[] } | undefined>
  /** Providers that lost a bond in this job so far. */
  slashedIn(jobId: JobId, fromBlock: bigint): Promise<ProviderId[]>
  /** Verifying key of Groth16 that an id names for the verifier behind a selector; undefined for an unknown one. */
  verifyingKey(selector: Hex, modelId: Hex): Promise<SnarkjsKey | undefined>
  /** The proof that paid a job, from its transaction; undefined while there is none. */
  settledProof(jobId: JobId, fromBlock: bigint): Promise<TaskResult | undefined>
  /** What the closing of a job did, from the events; undefined while there is none. */
  outcome(jobId: JobId, seats: SeatsByRound, fromBlock: bigint): Promise<Outcome | undefined>
}
