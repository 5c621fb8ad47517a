import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  addressSchema,
  bytes32Schema,
  DuckMeshError,
  hexSchema,
  parseDuck,
  setupFitsChain,
  uint32Schema,
} from '@duckmesh/protocol'
import { z } from 'zod'

const networkFolder = join(import.meta.dirname, 'networks')

/** Who plays a part: an address, the account that deploys, or the timelock of the votes. */
const partySchema = z.union([z.enum(['deployer', 'timelock']), addressSchema])
/** The same for a part that nobody has to play. */
const optionalPartySchema = z.union([z.literal('none'), partySchema])
/** An amount as people write it, e.g. "1.5"; wei when read. */
const duckSchema = z
  .string()
  .regex(/^\d{1,10}(\.\d{1,18})?$/, { error: 'not an amount of DUCK' })
  .transform(parseDuck)
const bpsSchema = z.int().min(0).max(65_535)
/** A JSON list, or one string with commas, which is how a list comes out of the environment. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',') : value), z.array(item))

const settingsSchema = z.strictObject({
  /** Refused when the chain behind `rpcUrl` has another. */
  chainId: z.int().min(1),
  rpcUrl: z.url(),
  /** Part of every address: another salt is another deployment with the same settings. */
  salt: z.string().min(1),
  /** Receives the whole supply of DUCK. */
  holder: partySchema,
  /** Receives the fees; can never own a provider. */
  treasury: partySchema,
  /** May freeze new work and take verifiers out of service. */
  guardian: optionalPartySchema,
  /** Who owns MeshParams, the router and the registries: votes through a timelock, or one account. */
  governance: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('account'), owner: partySchema }),
    z.strictObject({
      kind: z.literal('votes'),
      votingDelaySeconds: uint32Schema,
      votingPeriodSeconds: uint32Schema,
      proposalThresholdDuck: duckSchema,
      /** In 1/100 of the supply. */
      quorumPercent: z.int().min(0).max(100),
      timelockSeconds: uint32Schema,
    }),
  ]),
  /** Between publishing new terms and their first second. */
  noticeSeconds: uint32Schema,
  /** Version 0 of the terms. */
  terms: z.strictObject({ feeBps: bpsSchema, minBondBps: bpsSchema, maxJobLifeSeconds: uint32Schema }),
  /** What no vote can change. */
  mesh: z.strictObject({
    minStakeDuck: duckSchema,
    maxJobLifeSeconds: uint32Schema,
    unbondSeconds: uint32Schema,
  }),
  epochs: z.strictObject({
    challengeWindowSeconds: uint32Schema,
    answerWindowSeconds: uint32Schema,
    cadenceSeconds: uint32Schema,
    bondBps: bpsSchema,
    minEpochBondDuck: duckSchema,
    challengeDepositDuck: duckSchema,
  }),
  enclaves: z.strictObject({
    revoker: optionalPartySchema,
    maxTtlSeconds: uint32Schema,
    attesters: listOf(partySchema),
    /** Attesters that must sign; more than half of them. */
    quorum: z.int().min(1).max(32),
  }),
  /** Registries of ERC-8004: those that the chain has, our own for development, or no agents at all. */
  agents: z.union([
    z.enum(['dev', 'none']),
    z.strictObject({ identity: addressSchema, reputation: addressSchema, validation: addressSchema }),
  ]),
  /** Keys that compare results with reference answers; their ids are their places in this list. */
  validators: listOf(partySchema),
  /** Digests of enclave builds that the attesters may attest; their ids begin with 1. */
  measurements: listOf(bytes32Schema),
  /** Entries of the router, see docs/decisions/0022-verifier-router.md. */
  verifiers: z.array(
    z.strictObject({
      selector: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{8}$/)]),
      adapter: z.enum(['ReferenceAdapter', 'TeeKeyAdapter', 'Groth16Adapter', 'ModelRegistry']),
      gasCap: uint32Schema,
      metadata: hexSchema,
    }),
  ),
  /** Verifying keys to register: files in the form of snarkjs, relative to the checkout. */
  groth16Keys: z.array(z.strictObject({ path: z.string(), setup: z.enum(['dev-insecure', 'ceremony']) })),
})

/** Everything that a deployment depends on, except the account that deploys. */
export type Settings = z.output<typeof settingsSchema>
/** See {@link Settings}. */
export type Party = z.output<typeof optionalPartySchema>

/**
 * Reads the settings of a network.
 * @param network name of a file in `networks/`
 * @param env where strings of the form `env:NAME` are looked up
 * @throws DuckMeshError `BAD_CONFIG` that names each missing variable or bad field
 */
export function loadSettings(network: string, env: Record<string, string | undefined>): Settings {
  let text: string
  try {
    if (!/^[a-z0-9-]+$/.test(network)) throw new Error('not a name')
    text = readFileSync(join(networkFolder, `${network}.json`), 'utf8')
  } catch (cause) {
    const message = `There is no network "${network}" in infrastructure/deploy/networks.`
    throw new DuckMeshError('BAD_CONFIG', message, { network }, { cause })
  }
  return parseSettings(JSON.parse(text), env)
}

/** Like {@link loadSettings}, from what a file holds. */
export function parseSettings(file: unknown, env: Record<string, string | undefined>): Settings {
  const missing = new Set<string>()
  const filled = fillIn(file, env, missing)
  if (missing.size > 0) {
    const names = [...missing]
    throw new DuckMeshError('BAD_CONFIG', `Not set in the environment: ${names.join(', ')}.`, {
      missing: names,
    })
  }
  const parsed = settingsSchema.safeParse(filled)
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new DuckMeshError('BAD_CONFIG', `Bad settings: ${issues.join('; ')}.`, { issues })
  }
  const { chainId, groth16Keys } = parsed.data
  const insecure = groth16Keys.filter(({ setup }) => !setupFitsChain(setup, chainId)).map(({ path }) => path)
  if (insecure.length > 0) {
    const message = `On chain ${chainId} anybody who ran the setup of ${insecure.join(', ')} could prove anything.`
    throw new DuckMeshError('BAD_CONFIG', message, { insecure, chainId })
  }
  return parsed.data
}

function fillIn(value: unknown, env: Record<string, string | undefined>, missing: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => fillIn(item, env, missing))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, env, missing)]))
  }
  if (typeof value !== 'string' || !value.startsWith('env:')) return value
  const name = value.slice('env:'.length)
  if (!env[name]) missing.add(name)
  return env[name]
}
