import { DuckMeshError, limits, parseDuck } from '@duckmesh/protocol'
import { z } from 'zod'
import { menuModes } from '../menu/guarantees.ts'
import { streamRoutes } from '../streams/way.ts'

/** Most characters of a name that a client sends: of a model, a user, a tag. */
const MAX_NAME_CHARS = 256

const duck = z
  .string()
  .regex(/^\d{1,10}(\.\d{1,18})?$/, { error: 'not an amount of DUCK such as "0.05"' })
  .transform(parseDuck)

/** What DuckMesh adds to a request: the field `duckmesh`, or the headers `x-duckmesh-…`, which go before it. */
export const extrasSchema = z.strictObject({
  /** How the answer is checked. */
  verify: z.enum(menuModes).optional(),
  /** Most that the request may cost, DUCK. */
  maxPrice: duck.optional(),
  /** Whether the request travels sealed to the provider. */
  privacy: z.enum(['open', 'sealed']).optional(),
  /** Which way it travels; by the relay it is always sealed. */
  route: z.enum(streamRoutes).optional(),
})
export type Extras = z.output<typeof extrasSchema>

/** Fields that every request of the OpenAI API has. */
export const commonShape = {
  model: z.string().min(1).max(MAX_NAME_CHARS),
  duckmesh: extrasSchema.optional(),
}

const count = z.int().min(1).max(limits.maxTokens)

/** Fields of everything that generates text. `null` is as good as absent, as clients send it. */
export const samplingShape = {
  ...commonShape,
  max_tokens: count.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  /** Any integer that JSON carries exactly. */
  seed: z.int().nullish(),
  stop: z
    .string()
    .min(1)
    .max(256)
    .or(z.array(z.string().min(1).max(256)).max(4))
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
}

/**
 * Refuses a field that would change the answer and that no engine of the mesh knows. Fields that are unknown, or that
 * only describe the caller, are ignored.
 * @param isNeutral whether the value asks for nothing, e.g. `frequency_penalty: 0`
 * @throws DuckMeshError `UNSUPPORTED_FIELD`
 */
export function refuseUnless(isNeutral: boolean, param: string, why: string): void {
  if (!isNeutral)
    throw new DuckMeshError('UNSUPPORTED_FIELD', `${param} is not supported: ${why}.`, { param })
}

/** Whether an optional field is absent, or has one of the values that ask for nothing. */
export const isNeutral = (value: unknown, ...neutral: unknown[]): boolean =>
  value === undefined || value === null || neutral.includes(value)

/** Whether an optional list or record is absent or empty. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
