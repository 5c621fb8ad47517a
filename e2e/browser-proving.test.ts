// Small predicates that a page proves by itself, in a real Chromium under a policy that allows no evaluated script, no
// foreign worker and no foreign server. What it proves is judged in Node and by the contract.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { allowedSet, FIELD, poseidon } from '@duckmesh/circuits'
import {
  type BrowserPage,
  noChromium,
  openPage,
  type ServedCircuits,
  serveCircuits,
} from '@duckmesh/e2e/browser'
import { deployMesh, devAccount, devIndex, startAnvil } from '@duckmesh/local-chain'
import {
  agentIdOf,
  contextOf,
  encodeGroth16Claim,
  jobIdOf,
  keyBytes,
  keyIdOf,
  type Order,
  type SnarkjsProof,
  signalsHash,
  wordsOfProof,
} from '@duckmesh/protocol'
import { verifyProof } from '@duckmesh/protocol/groth16'
import { groth16VerifierAbi } from '@duckmesh/protocol/modules'
import { judgeProof } from '@duckmesh/protocol/proving'
import type { Proven } from '@duckmesh/sdk/proofs'
import { createPublicClient, createWalletClient, http } from 'viem'
import { domain, order } from './support/proofOrder.ts'

/** A proof as the contract takes it. */
type Words = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]

const PROVER_ID = 7
const SALT = 2n ** 150n + 1n
const range = { schema: 3n, low: 18n, high: 120n, value: 40n, salt: SALT, ctx: 77n }

describe('a page proves', { skip: noChromium }, () => {
  let served: ServedCircuits
  let browser: BrowserPage

  before(async () => {
    served = await serveCircuits(['record-range', 'membership'])
    browser = await openPage(served.files)
  })
  after(() => browser?.close())

  /** Opens a prover in the page. */
  const open = (circuits = served.circuits, workerUrl = '/worker.js') =>
    browser.api.evaluate((api, [given, url]) => api.openProver(given, url), [circuits, workerUrl] as const)
  afterEach(() => browser.api.evaluate((api) => api.closeProver()))

  const ask = (circuit: string, inputs: object, timeoutMs = 120_000) =>
    browser.api.evaluate((api, request) => api.prove(request as never), {
      circuit,
      inputs,
      timeoutMs,
    } as object)
  async function proved(circuit: string, inputs: object): Promise<Proven> {
    const answer = await ask(circuit, inputs)
    assert.ok('value' in answer, JSON.stringify(answer))
    return answer.value
  }
  async function refused(code: string, asked: ReturnType<typeof ask>): Promise<void> {
    const answer = await asked
    assert.ok('code' in answer)
    assert.equal(answer.code, code, answer.message)
  }

  test('that a hidden value lies in a range; the judge of the mesh agrees, and refuses it for anybody else', async () => {
    await open()
    const key = served.circuits['record-range']!.verifyingKey
    const request = [range.schema, range.low, range.high]
    const task: Order = { ...order, modelId: keyIdOf(keyBytes(key)), inputHash: signalsHash(request) }
    const [taskId, agentId] = [jobIdOf(domain, task), agentIdOf(PROVER_ID)]
    const ctx = contextOf(taskId, agentId)
    const { proof, publicSignals } = await proved('record-range', { ...range, ctx })
    const results = [poseidon([range.schema, range.value, SALT])]
    assert.deepEqual(publicSignals.map(BigInt), [...results, ...request, ctx])
    assert.equal(await verifyProof(key, publicSignals, proof), true)

    const claim = { taskId, agentId, modelId: task.modelId, policy: task.policy, proof: wordsOfProof(proof) }
    const judge = (proverId: number) =>
      judgeProof({
        domain,
        order: task,
        proverId,
        outputHash: signalsHash(results),
        proof: encodeGroth16Claim({ ...claim, agentId: agentIdOf(proverId), results, request }),
        key,
      })
    assert.deepEqual(await judge(PROVER_ID), { holds: true, results })
    assert.deepEqual(await judge(PROVER_ID + 1), { holds: false, fault: 'the pairing does not hold' })
  })

  test('what the contract accepts on a real chain, and what it refuses', async () => {
    await open()
    const { proof, publicSignals } = await proved('record-range', range)
    const folder = mkdtempSync(join(tmpdir(), 'duckmesh-browser-'))
    const { rpcUrl, service } = await startAnvil(folder, false)
    try {
      const deployer = devAccount(devIndex.deployer)
      const { modules } = await deployMesh(rpcUrl, deployer, deployer.address)
      const transport = http(rpcUrl)
      const reader = createPublicClient({ transport, pollingInterval: 20 })
      const contract = { address: modules.Groth16Verifier!, abi: groth16VerifierAbi } as const
      const key = keyBytes(served.circuits['record-range']!.verifyingKey)
      const writer = createWalletClient({ transport, account: deployer })
      const hash = await writer.writeContract({
        ...contract,
        chain: null,
        functionName: 'registerKey',
        args: [key],
      })
      await reader.waitForTransactionReceipt({ hash, timeout: 30_000 })
      const accepts = (made: SnarkjsProof, signals: bigint[]) => {
        const words = wordsOfProof(made) as unknown as Words
        return reader.readContract({
          ...contract,
          functionName: 'verify',
          args: [keyIdOf(key), words, signals],
        })
      }
      const signals = publicSignals.map(BigInt)
      assert.equal(await accepts(proof, signals), true)
      assert.equal(await accepts(proof, signals.with(2, 19n)), false)
      assert.equal(await accepts({ ...proof, pi_a: proof.pi_c }, signals), false)
    } finally {
      await service.stop()
      rmSync(folder, { recursive: true })
    }
  })

  test('that a hidden value is in a set, and its policy had nothing to refuse so far', async () => {
    await open()
    const set = allowedSet([5n, 6n, 7n], 10)
    const inputs = { ctx: 77n, root: set.root, value: 6n, salt: SALT, children: set.path(6n) }
    const { proof, publicSignals } = await proved('membership', inputs)
    assert.deepEqual(publicSignals.map(BigInt), [poseidon([6n, SALT]), set.root, 77n])
    assert.equal(await verifyProof(served.circuits.membership!.verifyingKey, publicSignals, proof), true)
    assert.deepEqual(browser.complaints, [])
  })

  test('nothing for inputs that break the circuit or are none, and says which it is', async () => {
    await open()
    await refused('WITNESS_REFUSED', ask('record-range', { ...range, value: 17n }))
    await refused('WITNESS_REFUSED', ask('record-range', { ...range, value: 121n }))
    const { salt, ...unsalted } = range
    assert.ok(salt)
    await refused('BAD_REQUEST', ask('record-range', unsalted))
    await refused('BAD_REQUEST', ask('record-range', { ...range, more: 1n }))
    await refused('BAD_REQUEST', ask('record-range', { ...range, value: [40n, 41n] }))
    await refused('BAD_REQUEST', ask('record-range', { ...range, salt: FIELD }))
    await refused('BAD_REQUEST', ask('record-range', { ...range, value: 'forty' }))
    await refused('UNKNOWN_CIRCUIT', ask('toString', range))
    await proved('record-range', range)
  })

  test('nothing with files that are not those of the circuit', async () => {
    const { membership, 'record-range': good } = served.circuits
    const { wasm, zkey } = good!
    const changed = (changes: object) => ({ 'record-range': { ...good!, ...changes } })
    const cases: [string, object][] = [
      ['CIRCUIT_CORRUPT', { zkey: { ...zkey, url: membership!.zkey.url } }],
      ['CIRCUIT_CORRUPT', { wasm: { ...wasm, sha256: '00'.repeat(32) } }],
      ['SERVICE_UNAVAILABLE', { zkey: { ...zkey, url: '/none.zkey' } }],
      // honest digests of files that do not belong together
      ['PROVER_FAILED', { zkey: membership!.zkey }],
      ['PROOF_MALFORMED', { verifyingKey: membership!.verifyingKey }],
    ]
    for (const [code, changes] of cases) {
      await open(changed(changes))
      await refused(code, ask('record-range', range))
      await browser.api.evaluate((api) => api.closeProver())
    }
  })

  test('one after another, with one worker, which a cancelled or late proof ends and the next one starts anew', async () => {
    await open()
    const [first, second] = await Promise.all([
      proved('record-range', range),
      proved('record-range', { ...range, value: 41n }),
    ])
    assert.notDeepEqual(first.publicSignals[0], second.publicSignals[0])
    assert.equal(browser.page.workers().length, 1)
    await refused('PROVER_TIMEOUT', ask('record-range', range, 1))
    const cancelled = (circuit: string, inputs: object, afterMs: number) =>
      browser.api.evaluate((api, [request, ms]) => api.cancel(request as never, ms), [
        { circuit, inputs } as object,
        afterMs,
      ] as const)
    await refused('CANCELLED', cancelled('record-range', range, 5))
    await proved('record-range', range)
    assert.equal(browser.page.workers().length, 1)
  })

  test('nothing once it is closed: what waits is told so, and no worker is left', async () => {
    await open()
    const waiting = [ask('record-range', range), ask('record-range', range)]
    await browser.api.evaluate((api) => api.closeProver())
    for (const asked of waiting) await refused('CANCELLED', asked)
    await refused('CANCELLED', ask('record-range', range))
    assert.deepEqual(browser.page.workers(), [])
  })

  test('nothing without its worker: one that is not there, or of another server', async () => {
    for (const url of ['/none.js', 'http://127.0.0.2:9/worker.js']) {
      await open(served.circuits, url)
      await refused('PROVER_FAILED', ask('record-range', range))
      await browser.api.evaluate((api) => api.closeProver())
    }
  })
})
