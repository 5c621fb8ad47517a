// Proofs and statements that a page checks by itself, in a real Chromium under a policy that allows no evaluated script and
// no foreign server.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { buildCircuits, endProver, FIELD, loadWitness, prove } from '@duckmesh/circuits'
import { examples } from '@duckmesh/circuits/bench'
import { type BrowserPage, noChromium, openPage } from '@duckmesh/e2e/browser'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import {
  jobIdOf,
  keyBytes,
  keyIdOf,
  type ProviderId,
  type Receipt,
  receiptTypedData,
  snarkjsKeySchema,
  snarkjsProofSchema,
} from '@duckmesh/protocol'
import { zeroHash } from 'viem'
import { domain, order } from './support/proofOrder.ts'

describe('a page verifies', { skip: noChromium }, () => {
  let browser: BrowserPage
  before(async () => {
    browser = await openPage({})
  })
  after(() => browser?.close())

  /** A proof of the class of a real image, made by snarkjs in Node. */
  async function digitProof() {
    const [circuit] = await buildCircuits(['digits-constant'])
    const witnessOf = await loadWitness(readFileSync(circuit!.wasmPath))
    const made = await prove(
      readFileSync(circuit!.zkeyPath),
      witnessOf(examples['digits-constant']!().inputs),
    )
    await endProver()
    const { publicSignals } = made
    const key = snarkjsKeySchema.parse(circuit!.verifyingKey)
    return { key, publicSignals, proof: snarkjsProofSchema.parse(made.proof) }
  }
  let digit: Awaited<ReturnType<typeof digitProof>>
  before(async () => {
    digit = await digitProof()
  })

  const verify = (changes: Partial<typeof digit> = {}) =>
    browser.api.evaluate((api, { key, publicSignals, proof }) => api.verify(key, publicSignals, proof), {
      ...digit,
      ...changes,
    })

  test('an honest proof of a digit, alone and many together', async () => {
    assert.deepEqual(await verify(), { value: true })
    const { key, publicSignals, proof } = digit
    const together = (signals: string[][]) =>
      browser.api.evaluate((api, [given, items]) => api.verifyTogether(given, items), [
        key,
        signals.map((each) => ({ proof, publicSignals: each })),
      ] as const)
    assert.deepEqual(await together(Array(8).fill(publicSignals)), { value: true })
    assert.deepEqual(await together([publicSignals, publicSignals.with(0, '9')]), { value: false })
    assert.equal(await browser.api.evaluate((api, given) => api.keyIdOf(given), key), keyIdOf(keyBytes(key)))
  })

  test('and refuses another class, another context and exchanged points', async () => {
    const { publicSignals, proof } = digit
    for (const [index, signal] of publicSignals.entries()) {
      const tampered = publicSignals.with(index, String((BigInt(signal) + 1n) % FIELD))
      assert.deepEqual(await verify({ publicSignals: tampered }), { value: false })
    }
    assert.deepEqual(await verify({ proof: { ...proof, pi_a: proof.pi_c } }), { value: false })
    const malformed: Partial<typeof digit>[] = [
      { proof: { ...proof, pi_a: ['1', '1', '1'] } },
      { publicSignals: publicSignals.with(-1, String(BigInt(publicSignals.at(-1)!) + FIELD)) },
      { publicSignals: publicSignals.slice(1) },
    ]
    for (const changes of malformed) {
      const answer = await verify(changes)
      assert.ok('code' in answer)
      assert.equal(answer.code, 'PROOF_MALFORMED')
    }
  })

  test('the digest of an order and the signature of a receipt', async () => {
    const signer = devAccount(devIndex.buyer + 1)
    const receipt: Receipt = {
      jobId: jobIdOf(domain, order),
      providerId: 7 as ProviderId,
      outputHash: `0x${'0a'.repeat(32)}`,
      assignmentHash: zeroHash,
      amountWei: order.priceWei,
      promptTokens: 0,
      completionTokens: 0,
      startedAt: 1,
      finishedAt: 2,
    }
    const signature = await signer.signTypedData(receiptTypedData(domain, receipt))
    const evidence = { domain, order, signingKey: signer.address }
    const failures = (changes: Partial<Receipt>) =>
      browser.api.evaluate((api, [signed, against]) => api.receiptFailures(signed, against), [
        { receipt: { ...receipt, ...changes }, signature },
        evidence,
      ] as const)
    assert.equal(
      await browser.api.evaluate((api, [at, of]) => api.jobIdOf(at, of), [domain, order] as const),
      receipt.jobId,
    )
    assert.deepEqual(await failures({}), [])
    assert.deepEqual(await failures({ outputHash: zeroHash }), ['signature'])
    assert.deepEqual(await failures({ amountWei: 1n }), ['amountWei', 'signature'])
  })

  test('without a request to anybody, a worker, or a word of snarkjs', () => {
    assert.deepEqual(browser.requests, ['/', '/page.js'])
    assert.deepEqual(browser.page.workers(), [])
    assert.deepEqual(browser.complaints, [])
  })

  test('nothing under a policy without WebAssembly, and says what is missing', async () => {
    const strict = await openPage({}, "default-src 'none'; script-src 'self'")
    try {
      const answer = await strict.api.evaluate(
        (api, { key, publicSignals, proof }) => api.verify(key, publicSignals, proof),
        digit,
      )
      assert.ok('code' in answer)
      assert.equal(answer.code, 'BAD_CONFIG')
      assert.match(answer.message, /wasm-unsafe-eval/)
    } finally {
      await strict.close()
    }
  })
})
