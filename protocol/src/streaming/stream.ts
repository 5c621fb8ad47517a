import { z } from 'zod'
import type { JobId } from '../ids.ts'
import {
  bytes32Schema,
  uint8Schema,
  uint64Schema,
  unixSecondsSchema,
  weiSchema,
} from '../schemas/primitives.ts'
import { eip712Domain, type MeshDomain } from '../typed-data/domain.ts'
import { hashStatement } from '../typed-data/hashStatement.ts'

/** EIP-712 type of a Stream. */
export const streamTypes = {
  Stream: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'requestHash', type: 'bytes32' },
    { name: 'policy', type: 'bytes32' },
    { name: 'mode', type: 'uint8' },
    { name: 'requestWei', type: 'uint96' },
    { name: 'promptTokenWei', type: 'uint96' },
    { name: 'tokenWei', type: 'uint96' },
    { name: 'nonce', type: 'uint64' },
    { name: 'expiresAt', type: 'uint40' },
  ],
} as const

/**
 * One request on a payment channel, with the prices that hold for it. Nobody signs it: the voucher that comes with it
 * pays, the session says who asks, and the provider's receipt names its digest, which is the job id.
 */
export const streamSchema = z.strictObject({
  /** See `channelIdOf`. */
  channelId: bytes32Schema,
  /** Canonical hash of the StreamRequest, also when that travels sealed. */
  requestHash: bytes32Schema,
  /** Canonical hash of the execution profile. */
  policy: bytes32Schema,
  /** See `verificationModes`: `signed` or `reference`. */
  mode: uint8Schema,
  /** DUCK wei for the request as such. */
  requestWei: weiSchema,
  /** DUCK wei a token of the prompt. */
  promptTokenWei: weiSchema,
  /** DUCK wei a token of the answer. */
  tokenWei: weiSchema,
  /** Never used before on this channel. */
  nonce: uint64Schema,
  /** Last unix second in which the provider may begin. */
  expiresAt: unixSecondsSchema,
})
export type Stream = z.output<typeof streamSchema>

/** Typed data of a Stream. */
export const streamTypedData = (domain: MeshDomain, stream: Stream) =>
  ({ domain: eip712Domain(domain), types: streamTypes, primaryType: 'Stream', message: stream }) as const

/**
 * The id of a stream, which is the job id of its receipt: the EIP-712 digest.
 * @example streamIdOf({ chainId: 31337, verifyingContract: mesh }, stream) // '0x…' 32 bytes
 */
export const streamIdOf = (domain: MeshDomain, stream: Stream): JobId =>
  hashStatement(streamTypedData(domain, stream))
