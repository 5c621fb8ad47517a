import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { devPrivateKey } from '@duckmesh/local-chain'
import { parseDuck } from '@duckmesh/protocol'
import { pino } from 'pino'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type Config, parseConfig } from '../src/config.ts'
import type { Overrides } from '../src/container.ts'
import { createNode, type Node } from '../src/createNode.ts'
import type { Executor } from '../src/executors/executor.ts'
import { createLlamaExecutor } from '../src/executors/llamaExecutor.ts'
import { resolveModel } from '../src/models/modelRegistry.ts'
import { deployMesh, type TestMesh } from './deployMesh.ts'
import { startChain, type TestChain } from './startChain.ts'
import { TestCoordinator } from './testCoordinator.ts'

/** A chain with DuckMesh, a coordinator, a funded buyer and the smallest real model. */
export type TestWorld = {
  chain: TestChain
  mesh: TestMesh
  coordinator: TestCoordinator
  buyer: PrivateKeyAccount
  executor: Executor
  /** Settings of node `index`; `fields` are environment variables. */
  config(index: number, fields?: Record<string, string>): Config
  /** Environment of node `index`. */
  environment(index: number, fields?: Record<string, string>): Record<string, string>
  /** A started node with DUCK for its stake; stopped by `stop`. */
  node(index: number, overrides?: Overrides, fields?: Record<string, string>): Promise<Node>
  stop(): Promise<void>
}

/** Starts all of it; `stop` ends it and removes its files. */
export async function startWorld(): Promise<TestWorld> {
  const chain = await startChain()
  const mesh = await deployMesh(chain.rpcUrl)
  const coordinator = new TestCoordinator(mesh, privateKeyToAccount(devPrivateKey(1)))
  await coordinator.start()
  const buyer = privateKeyToAccount(devPrivateKey(2))
  await mesh.fundDeposit(buyer, parseDuck('1000'))
  const engine = await createLlamaExecutor({ model: await resolveModel('duck1m') })
  // shared by all nodes of a test: it ends with the world, not with one of them
  const executor: Executor = {
    profile: engine.profile,
    contextTokens: engine.contextTokens,
    run: (request, options) => engine.run(request, options),
    close: () => Promise.resolve(),
    ...(engine.generator && { generator: engine.generator }),
  }
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-node-'))
  const nodes: Node[] = []
  const environment = (index: number, fields: Record<string, string> = {}) => ({
    RPC_URL: chain.rpcUrl,
    COORDINATOR_URL: coordinator.url,
    MESH_ADDRESS: mesh.mesh,
    OWNER_PRIVATE_KEY: devPrivateKey(4 + 2 * index),
    SIGNING_PRIVATE_KEY: devPrivateKey(5 + 2 * index),
    DATA_DIR: join(folder, `node-${index}`),
    MODEL: 'duck1m',
    STAKE_DUCK: '200',
    MIN_PRICE_DUCK: '0.5',
    LOG_LEVEL: 'silent',
    WATCH_MS: '100',
    RESCUE_AFTER_MS: '600',
    HEARTBEAT_MS: '200',
    ...fields,
  })
  const config = (index: number, fields?: Record<string, string>) => parseConfig(environment(index, fields))
  return {
    chain,
    mesh,
    coordinator,
    buyer,
    executor,
    config,
    environment,
    node: async (index, overrides, fields) => {
      const settings = config(index, fields)
      const owner = privateKeyToAccount(settings.OWNER_PRIVATE_KEY)
      if ((await mesh.walletWei(owner.address)) === 0n) await mesh.fund(owner.address, parseDuck('1000'))
      const logger = pino({ level: process.env.TEST_LOG ?? 'silent', base: { node: index } })
      const node = await createNode(settings, { executor, logger, ...overrides })
      nodes.push(node)
      await node.start()
      return node
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
      await coordinator.end()
      await engine.close()
      await chain.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Waits until something holds.
 * @throws Error that names it after `limitMs`
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const endMs = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
