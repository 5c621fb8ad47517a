import type { Hex } from 'viem'
import { z } from 'zod'
import type { JobId, ProviderId } from '../ids.ts'
import {
  bytes32Schema,
  providerIdSchema,
  signatureSchema,
  uint32Schema,
  unixSecondsSchema,
  weiSchema,
} from '../schemas/primitives.ts'
import { eip712Domain, type MeshDomain } from '../typed-data/domain.ts'

/** EIP-712 type of a StreamCheckpoint. */
export const streamCheckpointTypes = {
  StreamCheckpoint: [
    { name: 'streamId', type: 'bytes32' },
    { name: 'providerId', type: 'uint32' },
    { name: 'chunks', type: 'uint32' },
    { name: 'head', type: 'bytes32' },
    { name: 'promptTokens', type: 'uint32' },
    { name: 'completionTokens', type: 'uint32' },
    { name: 'amountWei', type: 'uint96' },
    { name: 'at', type: 'uint40' },
  ],
} as const

/**
 * The provider's statement of how far a stream has come. It is no Receipt, of which there is one for a job: two
 * checkpoints of one stream are no contradiction.
 */
export type StreamCheckpoint = {
  streamId: JobId
  providerId: ProviderId
  /** Chunks so far. */
  chunks: number
  /** Head of the hash chain after them, see `nextHead`. */
  head: Hex
  promptTokens: number
  completionTokens: number
  /** Price of the stream so far, DUCK wei. */
  amountWei: bigint
  /** Unix seconds. */
  at: number
}

/** Wire form of a StreamCheckpoint. */
export const streamCheckpointSchema = z.strictObject({
  streamId: bytes32Schema,
  providerId: providerIdSchema,
  chunks: uint32Schema,
  head: bytes32Schema,
  promptTokens: uint32Schema,
  completionTokens: uint32Schema,
  amountWei: weiSchema,
  at: unixSecondsSchema,
}) satisfies z.ZodType<StreamCheckpoint, unknown>

/** A checkpoint with the signature of the provider's signing key. */
export const signedCheckpointSchema = z.strictObject({
  checkpoint: streamCheckpointSchema,
  signature: signatureSchema,
})
export type SignedCheckpoint = z.output<typeof signedCheckpointSchema>

/** Typed data of a StreamCheckpoint, signed by the provider's signing key. */
export const streamCheckpointTypedData = (domain: MeshDomain, checkpoint: StreamCheckpoint) =>
  ({
    domain: eip712Domain(domain),
    types: streamCheckpointTypes,
    primaryType: 'StreamCheckpoint',
    message: checkpoint,
  }) as const
