import type { Address, Hex } from 'viem'
import { z } from 'zod'
import type { ProviderId } from '../ids.ts'
import { hashCanonical } from '../inference/canonical.ts'
import {
  addressSchema,
  bytes32Schema,
  providerIdSchema,
  uint8Schema,
  uint32Schema,
  unixSecondsSchema,
} from '../schemas/primitives.ts'
import { eip712Domain, type MeshDomain } from '../typed-data/domain.ts'
import { measureSla, type SlaSamples } from './slaSamples.ts'
import { type SlaFigures, slaTierCode, slaTierOf } from './slaTier.ts'

/** EIP-712 type of an SlaWindow. */
export const slaWindowTypes = {
  SlaWindow: [
    { name: 'providerId', type: 'uint32' },
    { name: 'observer', type: 'address' },
    { name: 'from', type: 'uint40' },
    { name: 'until', type: 'uint40' },
    { name: 'tier', type: 'uint8' },
    { name: 'looks', type: 'uint32' },
    { name: 'uptimePpm', type: 'uint32' },
    { name: 'answers', type: 'uint32' },
    { name: 'errors', type: 'uint32' },
    { name: 'p50Ms', type: 'uint32' },
    { name: 'p95Ms', type: 'uint32' },
    { name: 'p99Ms', type: 'uint32' },
    { name: 'samplesHash', type: 'bytes32' },
  ],
} as const

/** An observer's statement of how a provider served in a window of time: its word, recomputable from its samples. */
export type SlaWindow = SlaFigures & {
  providerId: ProviderId
  /** Who measured, and signs. */
  observer: Address
  /** Unix seconds. */
  from: number
  /** Unix seconds. */
  until: number
  /** See `slaTiers`; 0 for none. */
  tier: number
  /** Canonical hash of the SlaSamples. */
  samplesHash: Hex
}

/** Wire form of an SlaWindow. */
export const slaWindowSchema = z.strictObject({
  providerId: providerIdSchema,
  observer: addressSchema,
  from: unixSecondsSchema,
  until: unixSecondsSchema,
  tier: uint8Schema,
  looks: uint32Schema,
  uptimePpm: uint32Schema,
  answers: uint32Schema,
  errors: uint32Schema,
  p50Ms: uint32Schema,
  p95Ms: uint32Schema,
  p99Ms: uint32Schema,
  samplesHash: bytes32Schema,
}) satisfies z.ZodType<SlaWindow, unknown>

/**
 * Makes the statement about a window from its samples.
 * @param about who was measured by whom, and when, unix seconds
 */
export function slaWindowOf(
  about: Pick<SlaWindow, 'providerId' | 'observer' | 'from' | 'until'>,
  samples: SlaSamples,
): SlaWindow {
  const figures = measureSla([samples])
  return {
    ...about,
    ...figures,
    tier: slaTierCode(slaTierOf(figures)),
    samplesHash: hashCanonical(samples),
  }
}

/** Typed data of an SlaWindow, signed by its observer. */
export const slaWindowTypedData = (domain: MeshDomain, window: SlaWindow) =>
  ({
    domain: eip712Domain(domain),
    types: slaWindowTypes,
    primaryType: 'SlaWindow',
    message: window,
  }) as const
