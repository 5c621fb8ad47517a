// What a prover may deliver, and what becomes of it: one proof that holds, and every way in which it does not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { buildCircuits, endProver, loadWitness, prove } from '@duckmesh/circuits'
import { concat, type Hex, size, slice, zeroHash } from 'viem'
import { contextOf, encodeGroth16Claim, type Groth16Claim, signalsHash } from '../groth16/claim.ts'
import { snarkjsProofSchema, wordsOfProof } from '../groth16/proof.ts'
import { keyBytes, keyIdOf, snarkjsKeySchema } from '../groth16/verifyingKey.ts'
import { agentIdOf } from '../proof/taskInput.ts'
import { jobIdOf, type Order } from '../typed-data/order.ts'
import { type DeliveredProof, judgeProof } from './judge.ts'
import { GROTH16_SELECTOR } from './selectors.ts'

/** Orders of the field of coordinates and of the groups. */
const Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n
const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

const [circuit] = await buildCircuits(['record-range'])
const key = snarkjsKeySchema.parse(circuit!.verifyingKey)
const domain = { chainId: 31_337, verifyingContract: `0x${'ab'.repeat(20)}` } as const
const proverId = 7
const request = [3n, 18n, 120n]
const order: Order = {
  requester: `0x${'11'.repeat(20)}`,
  coordinator: `0x${'22'.repeat(20)}`,
  providerId: 0,
  kind: 2,
  mode: 4,
  seats: 1,
  priceWei: 5n,
  bondWei: 0n,
  modelId: keyIdOf(keyBytes(key)),
  inputHash: signalsHash(request),
  policy: concat([GROTH16_SELECTOR, slice(zeroHash, 4)]),
  nonce: 1n,
  acceptBy: 100,
  execWindow: 0,
  disputeWindow: 0,
}
const taskId = jobIdOf(domain, order)
const agentId = agentIdOf(proverId)
const witnessOf = await loadWitness(readFileSync(circuit!.wasmPath))
const witness = witnessOf({
  ctx: contextOf(taskId, agentId),
  schema: 3n,
  low: 18n,
  high: 120n,
  value: 40n,
  salt: 5n,
})
const made = await prove(readFileSync(circuit!.zkeyPath), witness)
after(endProver)

const results = [BigInt(made.publicSignals[0]!)]
const words = wordsOfProof(snarkjsProofSchema.parse(made.proof))
const claim: Groth16Claim = {
  taskId,
  agentId,
  modelId: order.modelId,
  policy: order.policy,
  proof: words,
  results,
  request,
}
const bytes = encodeGroth16Claim(claim)
const judge = (changes: Partial<DeliveredProof> = {}) =>
  judgeProof({ domain, order, proverId, outputHash: signalsHash(results), proof: bytes, key, ...changes })
const claimed = (changes: Partial<Groth16Claim>) => encodeGroth16Claim({ ...claim, ...changes })
const faultOf = async (changes: Partial<DeliveredProof>): Promise<string> => {
  const judgement = await judge(changes)
  assert.equal(judgement.holds, false)
  return judgement.holds ? '' : judgement.fault
}

test('a proof of this job by this prover holds, and says what was computed', async () => {
  assert.deepEqual(await judge(), { holds: true, results })
})

test('a proof that is cut off anywhere is none', async () => {
  for (let length = 0; length < size(bytes); length += 32)
    assert.equal(
      (await judge({ proof: length === 0 ? '0x' : slice(bytes, 0, length) })).holds,
      false,
      `${length}`,
    )
  assert.equal((await judge({ proof: slice(bytes, 0, size(bytes) - 1) })).holds, false)
})

test('a proof with a flipped bit in any word does not hold', async () => {
  for (let word = 0; word < size(bytes) / 32; word++) {
    const value = BigInt(slice(bytes, 32 * word, 32 * word + 32)) ^ 1n
    const flipped: Hex = concat([
      word === 0 ? '0x' : slice(bytes, 0, 32 * word),
      `0x${value.toString(16).padStart(64, '0')}`,
      32 * word + 32 === size(bytes) ? '0x' : slice(bytes, 32 * word + 32),
    ])
    assert.equal((await judge({ proof: flipped })).holds, false, `word ${word}`)
  }
})

test('points off the curve, zero points and coordinates beyond the field are malformed', async () => {
  const changed = (index: number, value: bigint) => claimed({ proof: words.with(index, value) })
  const cases: [Hex, string][] = [
    [changed(0, words[0]! + 1n), 'pi_a: off curve.'],
    [changed(3, words[3]! + 1n), 'pi_b: off curve.'],
    [changed(7, words[7]! + 1n), 'pi_c: off curve.'],
    [changed(0, words[0]! + Q), 'pi_a: coordinate too large.'],
    [claimed({ proof: [0n, 0n, ...words.slice(2)] }), 'pi_a: off curve.'],
  ]
  for (const [proof, fault] of cases) assert.equal(await faultOf({ proof }), fault)
})

test('a public signal that is not below the group order is refused, though it is the same number of the field', async () => {
  const spelled = [results[0]! + R]
  const fault = await faultOf({ proof: claimed({ results: spelled }), outputHash: signalsHash(spelled) })
  assert.match(fault, /signal too large/)
})

test('signals that are too many or too few are refused', async () => {
  for (const wrong of [[], [...results, 1n]]) {
    const fault = await faultOf({ proof: claimed({ results: wrong }), outputHash: signalsHash(wrong) })
    assert.match(fault, /signal count/)
  }
})

const other = `0x${'cd'.repeat(32)}` as const
const replays: [string, Partial<DeliveredProof>, RegExp][] = [
  ['of another job', { order: { ...order, nonce: 2n } }, /another job/],
  ['on another chain', { domain: { ...domain, chainId: 1 } }, /another job/],
  ['by another prover', { proverId: 8 }, /another prover/],
  ['with another output', { outputHash: other }, /another output/],
  ['claimed for another job', { proof: claimed({ taskId: other }) }, /another job/],
  ['claimed by another prover', { proof: claimed({ agentId: agentIdOf(8) }) }, /another prover/],
  ['under another circuit', { proof: claimed({ modelId: other }) }, /another circuit/],
  ['under another policy', { proof: claimed({ policy: other }) }, /another policy/],
  ['of another request', { proof: claimed({ request: [3n, 18n, 121n] }) }, /another request/],
]
for (const [what, changes, fault] of replays)
  test(`a proof ${what} is refused and the fault is named`, async () =>
    assert.match(await faultOf(changes), fault))

test('a proof that was copied and renamed for another prover or job does not hold: its context is another', async () => {
  assert.match(await faultOf({ proverId: 8, proof: claimed({ agentId: agentIdOf(8) }) }), /pairing/)
  const next = { ...order, nonce: 2n }
  assert.match(await faultOf({ order: next, proof: claimed({ taskId: jobIdOf(domain, next) }) }), /pairing/)
})

test('another result than the proven one does not hold', async () => {
  const wrong = [results[0]! + 1n]
  assert.match(
    await faultOf({ proof: claimed({ results: wrong }), outputHash: signalsHash(wrong) }),
    /pairing/,
  )
})

test('a key that is not the one of the order decides nothing', async () => {
  await assert.rejects(() => judge({ order: { ...order, modelId: other } }), { code: 'INPUT_MISMATCH' })
})
