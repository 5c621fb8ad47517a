import { z } from 'zod'
import { limits } from '../constants.ts'
import { type ErrorCode, errorCodes } from '../errors/codes.ts'
import { signedSealKeySchema } from '../privacy/sealKey.ts'
import {
  addressSchema,
  bytes32Schema,
  hexSchema,
  providerIdSchema,
  signatureSchema,
  weiSchema,
} from '../schemas/primitives.ts'
import { orderSchema } from '../schemas/statements.ts'
import { sealedSchema } from '../streaming/wire.ts'

/**
 * Where a proof task is. `assigned`: a prover was chosen; `in_progress`: it fetched everything that it needs. A prover that
 * goes silent brings the task back to `pending`.
 */
export const taskStates = ['pending', 'assigned', 'in_progress', 'completed', 'failed'] as const
export type TaskState = (typeof taskStates)[number]

/** Whether nothing can happen to a task any more. */
export const isTaskOver = (state: TaskState): boolean => state === 'completed' || state === 'failed'

/**
 * Who can read the inputs of a circuit:
 * - 1, open: whoever sees the task, coordinator and provers
 * - 2, sealed: only the prover that the task was assigned to
 * - 3, witness: as 2, but sealed is the whole witness, made by the buyer. The prover runs nothing of the circuit's, and
 *   sees no less: every input is in the witness. Nothing here hides inputs from whoever makes the proof.
 */
export const privacyLevels = { open: 1, sealed: 2, witness: 3 } as const
export const privacyLevelSchema = z.literal([1, 2, 3])
export type PrivacyLevel = z.output<typeof privacyLevelSchema>

export const proofLimits = {
  /** Public signals of a request; a key has at most 64 with results and context. */
  maxSignals: 62,
  /** Circuits that one prover offers. */
  maxCircuits: 64,
  /** Body with inputs or a sealed witness, bytes; more go to a prover of one's own. */
  maxInputBytes: 4_194_304,
} as const

/** A public signal: decimal on the wire. The verifier refuses what is not below the group order. */
export const signalSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,77})$/, { error: 'not a decimal number' })
  .transform(BigInt)

const circuitNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'not the name of a circuit' })

/** Inputs of a circuit by signal; the prover checks their shape. */
export const circuitInputsSchema = z.record(z.string().max(64), z.unknown())

/** `POST /tasks`: an order for a proof. Its digest is the task id. */
export const taskBodySchema = z.strictObject({
  domain: z.strictObject({ chainId: z.int(), verifyingContract: addressSchema }),
  order: orderSchema,
  signature: signatureSchema,
  circuit: circuitNameSchema,
  /** Public signals that the requester fixes; `order.inputHash` is their `signalsHash`. */
  request: z.array(signalSchema).max(proofLimits.maxSignals),
  privacyLevel: privacyLevelSchema,
  /** Larger goes first. */
  priority: z.int().min(0).max(100).default(0),
  /** Whether only provers with a GPU may take it. */
  needsGpu: z.boolean().default(false),
  /** Level 1 alone. */
  inputs: circuitInputsSchema.optional(),
})
export type TaskBody = z.output<typeof taskBodySchema>

/** `POST /tasks/:taskId/input`: what was sealed to the prover of this attempt. */
export const taskInputBodySchema = z.strictObject({ attempt: z.int().min(1), sealed: sealedSchema })
export type TaskInputBody = z.output<typeof taskInputBodySchema>

/** Query of `GET /tasks/assign/:proverId`: how long it may wait for a task, ms. */
export const assignQuerySchema = z.strictObject({
  waitMs: z.coerce.number().int().min(0).max(limits.maxWaitMs).default(0),
})

/** `GET /tasks/assign/:proverId`: a task of that prover, or null. The same may be given again until it is over. */
export const assignedTaskSchema = z
  .strictObject({
    taskId: bytes32Schema,
    attempt: z.int(),
    order: orderSchema,
    orderSignature: signatureSchema,
    circuit: circuitNameSchema,
    request: z.array(signalSchema),
    privacyLevel: privacyLevelSchema,
    /** When it is given to another prover, unix ms. */
    expiresAtMs: z.int(),
    inputs: circuitInputsSchema.nullable(),
    sealed: sealedSchema.nullable(),
  })
  .nullable()
export type AssignedTask = NonNullable<z.output<typeof assignedTaskSchema>>

/** `POST /tasks/result`: a paid proof, with the prover's signed ProofClaim about it. */
export const proofResultBodySchema = z.strictObject({
  taskId: bytes32Schema,
  proverId: providerIdSchema,
  outputHash: bytes32Schema,
  /** As `settleProof` takes it. */
  proof: hexSchema,
  /** ProofClaim. */
  signature: signatureSchema,
})
export type ProofResultBody = z.output<typeof proofResultBodySchema>

const errorCodeSchema = z.enum(Object.keys(errorCodes) as [ErrorCode])

/** `POST /tasks/:taskId/decline`: a prover gives back the task of this attempt, and says why. */
export const taskDeclineBodySchema = z.strictObject({ attempt: z.int().min(1), code: errorCodeSchema })
export type TaskDeclineBody = z.output<typeof taskDeclineBodySchema>

/** Whether a prover that declined so will not be asked about this task again: waiting mends nothing. */
export const isDeclinedForGood = (code: ErrorCode): boolean => !errorCodes[code].retryable

/** Whether a decline says that the order is at fault, and not the prover. */
export const blamesOrder = (code: ErrorCode): boolean => errorCodes[code].actor === 'caller'

/** Answer to a result. A failed verification is brought to the chain. */
export const proofVerdictSchema = z.object({
  accepted: z.boolean(),
  verification: z.enum(['pass', 'fail']),
  /** In 1/10,000. */
  qualityBps: z.int(),
})
export type ProofVerdict = z.output<typeof proofVerdictSchema>

/** How one prover's turn at a task ended; null while it lasts. */
export const attemptOutcomes = [
  'proved',
  'timeout',
  'declined',
  'false-proof',
  'overtaken',
  'no-input',
] as const
export type AttemptOutcome = (typeof attemptOutcomes)[number]

/** Why a prover was not taken. */
export const proverSkips = {
  OFFLINE: 'Start the prover; it must be heard of by the coordinator.',
  INACTIVE: 'Stake at least the minimum: only active providers are paid.',
  OTHER_KEY: 'Register the prover again: its signing key was burnt or rotated since it did.',
  OTHER_CIRCUIT: 'Offer this circuit under the verifying key of the order.',
  OTHER_LEVEL: 'Serve this privacy level; sealed levels need a seal key.',
  NO_GPU: 'The order asks for a prover with a GPU.',
  PRICE_TOO_LOW: 'Raise the price of the order, or ask for less.',
  AT_CAPACITY: 'Wait, or raise the capacity of the prover.',
  TRIED_BEFORE: 'This prover had its turn at this task.',
  DECLINED: 'The prover will not have this task; its turn says why.',
  NOT_NOW: 'The prover could not take it a moment ago and is asked again soon.',
  OUTBID: 'Another prover had the better score.',
} as const
export type ProverSkip = keyof typeof proverSkips

/** A prover that was passed over. */
export const proverSkipSchema = z.object({
  proverId: providerIdSchema,
  reason: z.enum(Object.keys(proverSkips) as [ProverSkip]),
  /** What would have to change. */
  fix: z.string(),
})

/** `GET /tasks/:taskId/status`. */
export const taskStatusSchema = z.object({
  taskId: bytes32Schema,
  status: z.enum(taskStates),
  assignedProver: providerIdSchema.nullable(),
  circuit: circuitNameSchema,
  privacyLevel: privacyLevelSchema,
  priority: z.int(),
  order: orderSchema,
  /** Number of the current attempt, from 1; 0 before the first. */
  attempt: z.int(),
  /** To seal inputs to, while they are waited for. */
  sealKey: signedSealKeySchema.nullable(),
  attempts: z.array(
    z.object({
      attempt: z.int(),
      proverId: providerIdSchema,
      scoreBps: z.int(),
      outcome: z.enum(attemptOutcomes).nullable(),
      /** Why it was declined. */
      code: errorCodeSchema.nullable(),
      startedAt: z.iso.datetime(),
      endedAt: z.iso.datetime().nullable(),
    }),
  ),
  /** Provers that were passed over when it was last looked for one. */
  skipped: z.array(proverSkipSchema),
  /** Why it failed. */
  failure: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type TaskStatus = z.output<typeof taskStatusSchema>

/** `GET /tasks/:taskId/result`, from the moment that the proof is paid. */
export const taskResultSchema = z.object({
  taskId: bytes32Schema,
  proverId: providerIdSchema,
  outputHash: bytes32Schema,
  proof: hexSchema,
  /** Transaction that paid it. */
  transaction: bytes32Schema,
})
export type TaskResult = z.output<typeof taskResultSchema>

/** `POST /provers/register`: what a prover serves and what it asks. It is the provider whose key signs the session. */
export const proverSchema = z.strictObject({
  proverId: providerIdSchema,
  levels: z.array(privacyLevelSchema).min(1).max(3),
  /** Proofs at once. */
  capacity: z.int().min(1).max(limits.maxCapacity),
  hasGpu: z.boolean(),
  circuits: z
    .array(
      z.strictObject({
        name: circuitNameSchema,
        /** Id of its verifying key: `order.modelId`. */
        modelId: bytes32Schema,
        /** Least price of one proof, DUCK wei. */
        priceWei: weiSchema,
      }),
    )
    .min(1)
    .max(proofLimits.maxCircuits),
  sealKey: signedSealKeySchema.nullable(),
  version: z.string().max(64),
})
export type ProverOffer = z.output<typeof proverSchema>

/** `POST /provers/heartbeat`. An answer `NOT_REGISTERED` asks for another registration. */
export const proverHeartbeatSchema = z.strictObject({ proverId: providerIdSchema })

/** `GET /provers`. */
export const proversSchema = z.object({
  provers: z.array(
    proverSchema.extend({
      isOnline: z.boolean(),
      lastSeenAtMs: z.int(),
      activeTasks: z.int(),
      /** Proofs that were paid, and turns that ended otherwise by its fault. */
      proofs: z.int(),
      failures: z.int(),
      reputationBps: z.int(),
    }),
  ),
})
export type Provers = z.output<typeof proversSchema>
