import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DuckMeshError, serverTimeouts } from '@duckmesh/protocol'
import type { Buyer } from '../buyer.ts'
import { requireKey } from '../credit/apiKey.ts'
import type { Defaults, Gateway, RedundantRunner } from '../gateway.ts'
import { createBudget } from './budget.ts'
import { createLocalApp } from './localApp.ts'

/** What a local gateway is made of. */
export type LocalGatewayOptions = {
  /** Buys with the key of the one who runs the gateway; closed by `stop`. */
  buyer: Buyer
  redundant?: RedundantRunner | undefined
  defaults: Defaults
  /** 0 takes any free port. */
  port: number
  /** Key that clients must have; without one, everybody on this machine may spend. */
  apiKey?: string | undefined
  /** Most that it spends until it stops, DUCK wei. */
  budgetWei?: bigint | undefined
  onAnswer?: Gateway['onAnswer']
  onError: Gateway['onError']
}

/** A local gateway that runs. */
export type LocalGateway = {
  /** Ends in `/v1`: the `baseURL` of OpenAI clients. */
  baseUrl: string
  /** Spent since the start, DUCK wei. */
  spentWei(): bigint
  /** Lets requests that run come to an end for a while, ends the rest, and closes the buyer; channels stay open. */
  stop(): Promise<void>
}

/** How long requests may go on after `stop`, ms. */
const DRAIN_MS = 5_000
const HOST = '127.0.0.1'

/**
 * Starts a gateway for the programs on this machine.
 * @throws DuckMeshError `BAD_CONFIG` when the port is taken
 */
export async function startLocalGateway(options: LocalGatewayOptions): Promise<LocalGateway> {
  const { buyer, redundant, defaults, port, apiKey, budgetWei, onAnswer, onError } = options
  const checkKey = requireKey(apiKey)
  const till = budgetWei === undefined ? undefined : createBudget(budgetWei)
  let spentWei = 0n
  const stopping = new AbortController()
  const server = createServer(
    serverTimeouts,
    createLocalApp({
      buyer,
      redundant,
      defaults,
      admit: async (authorization) => {
        checkKey(authorization)
        return { till }
      },
      nowMs: Date.now,
      randomBelow: (below) => randomInt(below),
      onError,
      onAnswer: (facts) => {
        spentWei += facts.costWei
        onAnswer?.(facts)
      },
      stopping: stopping.signal,
    }),
  )
  await listen(server, port)
  const { port: taken } = server.address() as AddressInfo
  let stopped: Promise<void> | undefined
  const stop = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    const drained = setTimeout(() => stopping.abort(), DRAIN_MS)
    const cut = setTimeout(() => server.closeAllConnections(), 2 * DRAIN_MS)
    await closed
    clearTimeout(drained)
    clearTimeout(cut)
    await buyer.close()
  }
  return {
    baseUrl: `http://${HOST}:${taken}/v1`,
    spentWei: () => spentWei,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  server.listen(port, HOST)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const message = `Port ${port} of ${HOST} cannot be had.`
    throw new DuckMeshError('BAD_CONFIG', message, { setting: '--port', port }, { cause })
  }
}
