import { devPrivateKey } from '@duckmesh/local-chain'
import {
  type DuckMeshError,
  hashCanonical,
  nodeRoutes,
  parseDuck,
  type StreamOffer,
} from '@duckmesh/protocol'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Overrides } from '../src/container.ts'
import type { Node } from '../src/createNode.ts'
import { createSimulatedEngine, type Script, type SimulatedEngine } from './simulatedEngine.ts'
import { StreamClient } from './streamClient.ts'
import { startWorld, type TestWorld } from './testWorld.ts'

/** Prices of the nodes below, DUCK wei: round, so that amounts can be read. */
export const prices = { requestWei: 1_000n, promptTokenWei: 10n, tokenWei: 100n, strangerCapWei: 5_000n }
export const offer: StreamOffer = { apis: ['completion'], givesLogprobs: true, ...prices, slots: 1, busy: 0 }

const duck = (wei: bigint): string => `0.${wei.toString().padStart(18, '0')}`

/** Settings of a node that serves streams at those prices, hurried. */
export const streamSettings = {
  STREAM_REQUEST_DUCK: duck(prices.requestWei),
  STREAM_PROMPT_TOKEN_DUCK: duck(prices.promptTokenWei),
  STREAM_TOKEN_DUCK: duck(prices.tokenWei),
  STREAM_STRANGER_CAP_DUCK: duck(prices.strangerCapWei),
  STREAM_CHECKPOINT_TOKENS: '8',
  STREAM_PAY_MS: '600',
  STREAM_RESUME_MS: '600',
  STREAM_CHUNK_MS: '1',
  CLAIM_ENOUGH_DUCK: '1',
  CLAIM_LEAST_DUCK: '0',
}

/** A world for streams: nodes with simulated engines, buyers with channels. */
export type StreamWorld = TestWorld & {
  streamNode(
    index: number,
    options?: {
      slots?: number
      script?: Partial<Script>
      fields?: Record<string, string>
      overrides?: Overrides
    },
  ): Promise<{ node: Node; engine: SimulatedEngine; restart(fields?: Record<string, string>): Promise<Node> }>
  /** A buyer with a channel of that amount; none is opened for 0. */
  client(
    node: Node,
    index: number,
    amountWei?: bigint,
    options?: Partial<ClientOptions>,
  ): Promise<StreamClient>
  policy: `0x${string}`
}
type ClientOptions = {
  payer: PrivateKeyAccount
  payerKey: PrivateKeyAccount
  withdrawDelay: number
  url: () => string
}

export async function startStreamWorld(): Promise<StreamWorld> {
  const world = await startWorld()
  const { profile } = world.executor
  return {
    ...world,
    policy: hashCanonical(profile),
    streamNode: async (index, { slots = 4, script, fields, overrides } = {}) => {
      const engine = createSimulatedEngine(profile, slots, script)
      const start = (more: Record<string, string> = {}) =>
        world.node(index, { executor: engine, ...overrides }, { ...streamSettings, ...fields, ...more })
      const node = await start()
      return { node, engine, restart: start }
    },
    client: async (node, index, amountWei = parseDuck('1'), options = {}) => {
      const buyer = new StreamClient({
        mesh: world.mesh,
        payer: world.buyer,
        payerKey: privateKeyToAccount(devPrivateKey(30)),
        signingKey: privateKeyToAccount(devPrivateKey(5 + 2 * index)).address,
        providerId: node.providerId,
        url: () => node.address().url,
        ...options,
      })
      if (amountWei > 0n) await buyer.openChannel(amountWei)
      return buyer
    },
  }
}

/** The code of the error that a call fails with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: DuckMeshError) => error.code,
  )
}

/** Holds an engine at a token until it is let go. */
export function gate(at: number) {
  const { promise: passed, resolve: open } = Promise.withResolvers<void>()
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  const beforeToken = (index: number): Promise<void> | undefined => {
    if (index < at) return undefined
    resolve()
    return passed
  }
  return { beforeToken, open, reached }
}

/** `GET /health` of a node. */
export async function healthOf(node: Node): Promise<
  Record<string, unknown> & {
    streaming: { status: string; openStreams: number; sinceMs: number | null; reason: string | null }
  }
> {
  const response = await fetch(node.address().url + nodeRoutes.health.path)
  return (await response.json()) as Awaited<ReturnType<typeof healthOf>>
}
