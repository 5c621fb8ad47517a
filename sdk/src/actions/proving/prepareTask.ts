import {
  DuckMeshError,
  GROTH16_SELECTOR,
  type JobId,
  jobKinds,
  type Order,
  type PrivacyLevel,
  type ProofSelector,
  privacyLevels,
  signalsHash,
  type TaskBody,
  verificationModes,
} from '@duckmesh/protocol'
import { concat, type Hex, keccak256, slice, stringToHex } from 'viem'
import { chainNowSeconds } from '../../chain/chainTime.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'
import { signOrder } from '../market/prepareJob.ts'

/** What only prover and buyer may know, or everybody at level 1. */
export type TaskSecret =
  | { inputs: Record<string, unknown> }
  /** Makes the `.wtns` file once the prover, and with it `ctx`, is known. Level 3. */
  | { witnessOf: (ctx: bigint) => Promise<Uint8Array> }

/** What to prove, and what it may cost. */
export type TaskParameters = TaskSecret & {
  circuit: string
  /**
   * Id of the verifying key, or of a registered model. Take it from somebody you trust: a prover could offer a key of its
   * own making, under which it can prove anything.
   */
  modelId: Hex
  /** Who verifies: `MODEL_SELECTOR` for a registered model. @default `GROTH16_SELECTOR`, for which the key is the model */
  selector?: ProofSelector | undefined
  /** Public signals that you fix, in the circuit's order after its results and before `ctx`. */
  request: bigint[]
  /** See `privacyLevels`. @default 1, or 3 with `witnessOf` */
  privacyLevel?: PrivacyLevel | undefined
  /** 0 to 100. @default 0 */
  priority?: number | undefined
  needsGpu?: boolean | undefined
  /** Price in DUCK wei. @default what the cheapest prover asks */
  priceWei?: bigint | undefined
  /** Time until the proof must be paid, seconds. @default 300 */
  withinSeconds?: number | undefined
  /** Unused number of this account. @default one that was never used */
  nonce?: bigint | undefined
}

/** A signed task. Whoever keeps it can send it again without ordering twice. */
export type PreparedTask = { taskId: JobId; body: TaskBody; secret: TaskSecret }

/**
 * Builds and signs the order of a proof.
 * @throws DuckMeshError `UNKNOWN_CIRCUIT` when nobody offers it, `BAD_REQUEST` for a level that does not fit the inputs
 */
export async function prepareTask(context: ClientContext, parameters: TaskParameters): Promise<PreparedTask> {
  const { circuit, modelId, request, priority = 0, needsGpu = false, withinSeconds = 300 } = parameters
  const { selector = GROTH16_SELECTOR } = parameters
  const hasWitness = 'witnessOf' in parameters
  const privacyLevel = parameters.privacyLevel ?? (hasWitness ? privacyLevels.witness : privacyLevels.open)
  if (hasWitness !== (privacyLevel === privacyLevels.witness)) {
    throw new DuckMeshError('BAD_REQUEST', 'A witness belongs to level 3, inputs to level 1 or 2.', {
      privacyLevel,
    })
  }
  const priceWei = parameters.priceWei ?? (await cheapestWei(context, circuit, modelId))
  const order: Order = {
    requester: walletOf(context).account.address,
    coordinator: context.info.address,
    providerId: 0,
    kind: jobKinds.proof,
    mode: verificationModes.proof,
    seats: 1,
    priceWei,
    bondWei: 0n,
    modelId,
    inputHash: signalsHash(request),
    policy: concat([selector, slice(keccak256(stringToHex(circuit)), 4)]),
    nonce: parameters.nonce ?? context.nonces(),
    acceptBy: (await chainNowSeconds(context)) + withinSeconds,
    execWindow: 0,
    disputeWindow: 0,
  }
  const { jobId: taskId, domain, signature } = await signOrder(context, order)
  const secret: TaskSecret = hasWitness ? { witnessOf: parameters.witnessOf } : { inputs: parameters.inputs }
  const open = privacyLevel === privacyLevels.open && 'inputs' in secret ? { inputs: secret.inputs } : {}
  return {
    taskId,
    body: { domain, order, signature, circuit, request, privacyLevel, priority, needsGpu, ...open },
    secret,
  }
}

async function cheapestWei(context: ClientContext, circuit: string, modelId: Hex): Promise<bigint> {
  const { provers } = await context.coordinator.provers()
  const offers = provers.filter(({ isOnline }) => isOnline).flatMap(({ circuits }) => circuits)
  const prices = offers.filter((offer) => offer.name === circuit && offer.modelId === modelId)
  if (prices.length === 0) {
    const message = `No prover that is online offers ${circuit} under this key.`
    throw new DuckMeshError('UNKNOWN_CIRCUIT', message, {
      circuits: [...new Set(offers.map(({ name }) => name))],
    })
  }
  return prices.reduce((least, { priceWei }) => (priceWei < least ? priceWei : least), prices[0]!.priceWei)
}
