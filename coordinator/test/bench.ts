import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  deployMesh,
  devAccount,
  devIndex,
  devPrivateKey,
  fundAccounts,
  startAnvil,
} from '@duckmesh/local-chain'
import {
  type DuckMeshError,
  duckMeshAbi,
  duckTokenAbi,
  type ExecutionProfile,
  hashCanonical,
  jobIdOf,
  type Order,
  orderTypedData,
  parseDuck,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Account, createPublicClient, createWalletClient, type Hex, http, maxUint96 } from 'viem'
import { type Container, parseConfig, type RunningCoordinator, startCoordinator } from '../src/index.ts'
import { ScriptedSeat } from './scriptedSeat.ts'

/** Profile that the scripted seats claim. */
export const profile: ExecutionProfile = {
  model: 'ab'.repeat(32),
  name: 'scripted',
  quantisation: 'none',
  tokenizer: 'none',
  sampler: { topK: 0, topP: 1, minP: 0 },
  engine: 'scripted',
  kernelClass: 'none',
  contextTokens: 256,
}

/** A chain, a coordinator and registered providers whose answers the test scripts. */
export type Bench = Awaited<ReturnType<typeof setUpBench>>

/** Settings that a test may choose. */
export type BenchOptions = {
  seats?: number
  env?: Record<string, string>
  overrides?: Partial<Container>
  keepStore?: boolean
}

/**
 * Starts a real chain, a real coordinator on an embedded Postgres and registers providers.
 * @returns handles and `tearDown`
 */
export async function setUpBench({
  seats = 5,
  env = {},
  overrides = {},
  keepStore = false,
}: BenchOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-coordinator-'))
  const chain = await startAnvil(folder, false)
  const deployer = devAccount(devIndex.deployer)
  const buyer = devAccount(devIndex.buyer)
  const deployment = await deployMesh(chain.rpcUrl, deployer, devAccount(devIndex.treasury).address)
  const { mesh, token } = deployment
  const domain = { chainId: deployment.chainId, verifyingContract: mesh }
  const transport = http(chain.rpcUrl)
  const reader = createPublicClient({ transport, pollingInterval: 20 })
  const write = async (
    account: Account,
    address: Hex,
    abi: typeof duckMeshAbi | typeof duckTokenAbi,
    functionName: string,
    args: unknown[],
  ) => {
    const writer = createWalletClient({ transport, account })
    const hash = await writer.writeContract({ chain: null, address, abi, functionName, args } as never)
    const receipt = await reader.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`${functionName} reverted`)
  }
  const owners = Array.from({ length: seats }, (_, index) => devAccount(devIndex.firstOwner + index))
  await fundAccounts(
    chain.rpcUrl,
    deployer,
    token,
    [buyer, ...owners].map(({ address }) => ({ address, duckWei: parseDuck('10000') })),
  )
  for (const account of [buyer, ...owners]) {
    await write(account, token, duckTokenAbi, 'approve', [mesh, maxUint96])
    await write(account, mesh, duckMeshAbi, 'deposit', [parseDuck('5000')])
  }
  for (const [index, owner] of owners.entries()) {
    const key = devAccount(devIndex.firstSigner + index)
    await write(owner, mesh, duckMeshAbi, 'registerProvider', [
      key.address,
      hashCanonical(profile),
      '',
      parseDuck('2000'),
    ])
  }
  const config = parseConfig({
    RPC_URL: chain.rpcUrl,
    MESH_ADDRESS: mesh,
    COORDINATOR_PRIVATE_KEY: devPrivateKey(devIndex.coordinator),
    DATA_DIR: keepStore ? folder : 'memory://',
    PORT: '0',
    EVIDENCE_ANCHORS_ADDRESS: deployment.modules.EvidenceAnchors,
    LOG_LEVEL: 'silent',
    ...env,
  })
  let coordinator: RunningCoordinator = await startCoordinator(config, overrides)
  const audience = coordinator.container.signer.address
  const scripted = () =>
    owners.map((_owner, index) => {
      const key = devAccount(devIndex.firstSigner + index)
      return new ScriptedSeat({ url: coordinator.url, domain, audience, key, providerId: index + 1 })
    })
  let nonce = 0n
  const makeOrder = (changes: Partial<Order> = {}): Order => ({
    requester: buyer.address,
    coordinator: audience,
    providerId: 0,
    kind: 0,
    mode: 1,
    seats: 3,
    priceWei: parseDuck('3'),
    bondWei: parseDuck('100'),
    modelId: `0x${profile.model}`,
    inputHash: hashCanonical(request),
    policy: hashCanonical(profile),
    nonce: nonce++,
    acceptBy: Math.floor(Date.now() / 1_000) + 60,
    execWindow: 20,
    disputeWindow: 0,
    ...changes,
  })
  const submit = async (order: Order, changes: Record<string, unknown> = {}) => {
    const signature = await buyer.signTypedData(orderTypedData(domain, order))
    const body = { domain, order, signature, request, ...changes }
    return fetch(`${coordinator.url}/v1/jobs`, { method: 'POST', body: stringifyWire(body) })
  }
  return {
    domain,
    reader,
    write,
    buyer,
    owners,
    deployment,
    rpcUrl: chain.rpcUrl,
    chain: chain.service,
    get coordinator() {
      return coordinator
    },
    scripted,
    makeOrder,
    submit,
    /** Job id of an order of this bench. */
    idOf: (order: Order) => jobIdOf(domain, order),
    freeWei: (address: Hex) =>
      reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'accountOf', args: [address] }),
    restart: async (next: Partial<Container> = {}) => {
      await coordinator.stop()
      coordinator = await startCoordinator(config, next)
    },
    tearDown: async () => {
      await coordinator.stop()
      await chain.service.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The request that bench orders name. */
export const request = { kind: 'inference', prompt: 'Once', maxTokens: 8, temperature: 0, seed: 0 } as const

/** A result with this text. */
export const resultOf = (text: string) => ({ text, tokens: [1, 2, 3], finishReason: 'length' as const })

/** Waits until a check gives something, at most `timeoutMs`. */
export async function until<T>(
  check: () => Promise<T | undefined | false>,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await check()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Code of the error that a response carries. */
export async function errorCodeOf(response: Response): Promise<DuckMeshError['code'] | undefined> {
  const body = (await response.json()) as { error?: { code: DuckMeshError['code']; hint: string } }
  if (body.error && !body.error.hint) throw new Error('an error without a hint')
  return body.error?.code
}
