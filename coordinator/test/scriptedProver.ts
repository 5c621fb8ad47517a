import { readFile } from 'node:fs/promises'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import {
  type AssignedTask,
  assignedTaskSchema,
  type ErrorCode,
  GROTH16_SELECTOR,
  keyBytes,
  keyIdOf,
  type Order,
  orderTypedData,
  type ProofClaim,
  type ProverOffer,
  proofClaimTypedData,
  proofVerdictSchema,
  routePath,
  coordinatorRoutes as routes,
  type SnarkjsKey,
  signalsHash,
  stringifyWire,
  type TaskStatus,
  taskStatusSchema,
} from '@duckmesh/protocol'
import { groth16VerifierAbi } from '@duckmesh/protocol/modules'
import { concat, createWalletClient, type Hex, http, keccak256, slice, zeroHash } from 'viem'
import type { Bench } from './bench.ts'
import { ScriptedSeat } from './scriptedSeat.ts'

/** Circuit that scripted provers offer; what it computes does not matter where nothing is proved. */
export const circuit = 'product'

/** The buyer's and the provers' side of the proof market; the test says what the provers do. */
export type ProofBench = Awaited<ReturnType<typeof setUpProofs>>

/**
 * Registers a verifying key with the chain of a bench.
 * @returns makers of orders, tasks and provers under this key
 */
export async function setUpProofs(bench: Bench) {
  const fixture = new URL('../../contracts/test/verification/groth16/fixtures/product.json', import.meta.url)
  const { verificationKey } = JSON.parse(await readFile(fixture, 'utf8')) as { verificationKey: SnarkjsKey }
  const key = keyBytes(verificationKey)
  const modelId = keyIdOf(key)
  const writer = createWalletClient({
    transport: http(bench.rpcUrl),
    account: devAccount(devIndex.deployer),
  })
  const address = bench.deployment.modules.Groth16Verifier!
  const hash = await writer.writeContract({
    chain: null,
    address,
    abi: groth16VerifierAbi,
    functionName: 'registerKey',
    args: [key],
  })
  await bench.reader.waitForTransactionReceipt({ hash })
  const request = [6n, 7n]
  const makeOrder = (changes: Partial<Order> = {}): Order =>
    bench.makeOrder({
      kind: 2,
      mode: 4,
      seats: 1,
      priceWei: 100n,
      bondWei: 0n,
      modelId,
      inputHash: signalsHash(request),
      policy: concat([GROTH16_SELECTOR, slice(zeroHash, 4)]),
      execWindow: 0,
      ...changes,
    })
  const submit = async (
    order: Order,
    changes: Record<string, unknown> = {},
    url = bench.coordinator.url,
  ): Promise<Response> => {
    const { domain, buyer } = bench
    const signature = await buyer.signTypedData(orderTypedData(domain, order))
    const body = { domain, order, signature, circuit, request, privacyLevel: 1, inputs: {}, ...changes }
    return fetch(`${url}${routes.submitTask.path}`, { method: 'POST', body: stringifyWire(body) })
  }
  const status = async (taskId: Hex, url = bench.coordinator.url): Promise<TaskStatus> =>
    taskStatusSchema.parse(await (await fetch(`${url}${routePath(routes.taskStatus, { taskId })}`)).json())
  return {
    modelId,
    verificationKey,
    makeOrder,
    submit,
    status,
    prover: (proverId: number, url = bench.coordinator.url) =>
      new ScriptedProver(bench, { proverId, modelId, url }),
  }
}

/** A prover without an engine. Everything that it signs and sends is real. */
export class ScriptedProver {
  readonly proverId: number
  readonly #modelId: Hex
  readonly #seat: ScriptedSeat
  readonly #key: ReturnType<typeof devAccount>
  readonly #bench: Bench

  constructor(bench: Bench, { proverId, modelId, url }: { proverId: number; modelId: Hex; url: string }) {
    const { domain, coordinator } = bench
    const audience = coordinator.container.signer.address
    const key = devAccount(devIndex.firstSigner + proverId - 1)
    this.#seat = new ScriptedSeat({ url, domain, audience, key, providerId: proverId })
    this.#bench = bench
    this.#key = key
    this.proverId = proverId
    this.#modelId = modelId
  }

  register(changes: Partial<ProverOffer> & { priceWei?: bigint } = {}): Promise<unknown> {
    const { priceWei = 10n, ...rest } = changes
    const offer = {
      proverId: this.proverId,
      levels: [1, 2, 3],
      capacity: 1,
      hasGpu: false,
      circuits: [{ name: circuit, modelId: this.#modelId, priceWei }],
      sealKey: null,
      version: 'scripted',
      ...rest,
    }
    return this.#seat.call(routes.registerProver, routes.registerProver.path, offer)
  }

  heartbeat(): Promise<unknown> {
    return this.#seat.call(routes.proverHeartbeat, routes.proverHeartbeat.path, { proverId: this.proverId })
  }

  async assigned(waitMs = 0): Promise<AssignedTask | null> {
    const path = `${routePath(routes.assignTask, { proverId: String(this.proverId) })}?waitMs=${waitMs}`
    return assignedTaskSchema.parse(await this.#seat.call(routes.assignTask, path))
  }

  decline(taskId: Hex, attempt: number, code: ErrorCode): Promise<unknown> {
    return this.#seat.call(routes.declineTask, routePath(routes.declineTask, { taskId }), { attempt, code })
  }

  /** Signs for a proof and shows it. */
  async submit(taskId: Hex, outputHash: Hex, proof: Hex) {
    const claim: ProofClaim = {
      jobId: taskId,
      providerId: this.proverId,
      outputHash,
      proofHash: keccak256(proof),
    }
    const signature = await this.#key.signTypedData(proofClaimTypedData(this.#bench.domain, claim))
    const body = { taskId, proverId: this.proverId, outputHash, proof, signature }
    return proofVerdictSchema.parse(await this.#seat.call(routes.submitProof, routes.submitProof.path, body))
  }
}
