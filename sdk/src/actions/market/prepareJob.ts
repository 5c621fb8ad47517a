import {
  DuckMeshError,
  hashCanonical,
  inferenceRequestSchema,
  type JobId,
  jobIdOf,
  jobKinds,
  limits,
  type Order,
  orderTypedData,
  type SubmitBody,
  verificationModes,
} from '@duckmesh/protocol'
import { chainNowSeconds } from '../../chain/chainTime.ts'
import { walletError } from '../../chain/walletError.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'
import { resolveModel } from './resolveModel.ts'

/** What to run. */
export type InferenceParameters = {
  /** Text to continue. */
  prompt: string
  /** Most tokens of the answer. @default 64 */
  maxTokens?: number | undefined
  /** 0 = greedy. Seats of a redundant job answer alike at any temperature when the seed is fixed. @default 0 */
  temperature?: number | undefined
  /** Seed of the sampler, uint32. @default 0 */
  seed?: number | undefined
  /** Short name or policy hash of the execution profile. @default the cheapest on offer */
  model?: string | undefined
}

/** What to run, who may earn how much, and by when. */
export type SubmitJobParameters = InferenceParameters & {
  /** Providers that answer independently: odd, 3 to 15. @default 3 */
  seats?: number | undefined
  /**
   * Whole price in DUCK wei; each winning seat earns its share, the rest comes back.
   * @default `seats` times the least price of the model
   */
  maxPriceWei?: bigint | undefined
  /** Bond of each seat in DUCK wei, lost by a seat that is wrong or silent. @default the whole price */
  bondWei?: bigint | undefined
  /** Time to draw, run and anchor the seats, seconds. @default 120 */
  acceptWithinSeconds?: number | undefined
  /** Time to open the results after anchoring, seconds. @default 60 */
  execWindowSeconds?: number | undefined
  /** Unused number of this account. @default one that was never used */
  nonce?: bigint | undefined
}

/** A signed job. Whoever keeps it can send it again without ordering twice. */
export type PreparedJob = SubmitBody & { jobId: JobId }

/**
 * Builds and signs the order of a redundant job, without sending it anywhere.
 * @returns job id, order, signature and request
 * @throws DuckMeshError `BAD_REQUEST`, `ORDER_OUT_OF_BOUNDS`, `UNKNOWN_MODEL`, `SERVICE_UNAVAILABLE`
 */
export async function prepareJob(
  context: ClientContext,
  parameters: SubmitJobParameters,
): Promise<PreparedJob> {
  const { seats = 3, acceptWithinSeconds = 120, execWindowSeconds = 60 } = parameters
  const request = inferenceRequestOf(parameters)
  if (!Number.isInteger(seats) || seats % 2 === 0 || seats < limits.minSeats || seats > limits.maxSeats) {
    const { minSeats, maxSeats } = limits
    const message = `${seats} seats are not an odd number from ${minSeats} to ${maxSeats}.`
    throw new DuckMeshError('ORDER_OUT_OF_BOUNDS', message, { field: 'seats', minSeats, maxSeats })
  }
  const { models } = await context.coordinator.models()
  const model = resolveModel(models, parameters.model, seats)
  const priceWei = parameters.maxPriceWei ?? model.minPriceWei * BigInt(seats)
  const order: Order = {
    requester: walletOf(context).account.address,
    coordinator: context.info.address,
    providerId: 0,
    kind: jobKinds.inference,
    mode: verificationModes.redundant,
    seats,
    priceWei,
    bondWei: parameters.bondWei ?? priceWei,
    modelId: model.modelId,
    inputHash: hashCanonical(request),
    policy: model.policy,
    nonce: parameters.nonce ?? context.nonces(),
    acceptBy: (await chainNowSeconds(context)) + acceptWithinSeconds,
    execWindow: execWindowSeconds,
    disputeWindow: 0,
  }
  return { ...(await signOrder(context, order)), request }
}

/**
 * The request that an order's `inputHash` names.
 * @throws DuckMeshError `BAD_REQUEST` with `details.issues`
 */
export function inferenceRequestOf(parameters: InferenceParameters): SubmitBody['request'] {
  const { prompt, maxTokens = 64, temperature = 0, seed = 0 } = parameters
  const parsed = inferenceRequestSchema.safeParse({ kind: 'inference', prompt, maxTokens, temperature, seed })
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const message = `The request is not valid: ${issues.map((issue) => `${issue.path} ${issue.message}`).join('; ')}`
  throw new DuckMeshError('BAD_REQUEST', message, { issues })
}

/**
 * Signs an order with the client's account.
 * @throws DuckMeshError `CANCELLED` when the wallet declines
 */
export async function signOrder(context: ClientContext, order: Order) {
  const typedData = orderTypedData(context.domain, order)
  const signature = await walletOf(context)
    .signTypedData(typedData)
    .catch((thrown: unknown) => {
      throw walletError(thrown, 'signing the order')
    })
  return { jobId: jobIdOf(context.domain, order), domain: context.domain, order, signature }
}
