/** What a buyer orders to be run. The number is the `kind` field of an Order. */
export const jobKinds = { inference: 0, wasm: 1, proof: 2, federated: 3, relay: 4, storage: 5 } as const
export type JobKind = keyof typeof jobKinds

/** How the answer is checked. The number is the `mode` field of an Order. */
export const verificationModes = {
  signed: 0,
  redundant: 1,
  reference: 2,
  attested: 3,
  proof: 4,
  auction: 5,
} as const
export type VerificationMode = keyof typeof verificationModes

/** Why a provider lost its bond, as emitted in `ProviderSlashed`. */
export const slashReasons = {
  minority: 1,
  silent: 2,
  copied: 3,
  late: 4,
  'dispute-lost': 5,
  equivocation: 6,
  'false-proof': 7,
} as const
export type SlashReason = keyof typeof slashReasons

/** Name of a slash reason number; `unknown` for one that this version does not know. */
export function slashReasonName(reason: number): SlashReason | 'unknown' {
  const found = Object.entries(slashReasons).find(([, value]) => value === reason)
  return found ? (found[0] as SlashReason) : 'unknown'
}

/** Limits that both sides enforce. */
export const limits = {
  /** Seats of a redundant job: odd, in this range. */
  minSeats: 3,
  maxSeats: 15,
  /** UTF-8 bytes of a prompt. */
  maxPromptBytes: 32_768,
  /** Tokens that a request may ask for. */
  maxTokens: 4_096,
  /** Body of any JSON request, bytes. A result of 4,096 tokens fits several times. */
  maxBodyBytes: 262_144,
  /** Body of a request on the streaming lane, bytes: long chats and images. */
  maxStreamBodyBytes: 8_388_608,
  /** Life of a Session, seconds. */
  maxSessionSeconds: 900,
  /** Longest long poll, milliseconds. */
  maxWaitMs: 25_000,
  /** Jobs that a node may run at once. */
  maxCapacity: 1_024,
} as const
