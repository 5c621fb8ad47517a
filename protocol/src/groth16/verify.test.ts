import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { buildCircuits, endProver, loadWitness, poseidon, prove, verify } from '@duckmesh/circuits'
import { bn254 } from '@noble/curves/bn254'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { type SnarkjsProof, snarkjsProofSchema } from './proof.ts'
import { type ProofFault, type ProofItem, verifyProof, verifyProofs } from './verify.ts'
import { snarkjsKeySchema } from './verifyingKey.ts'

const { Fp, Fp2, Fr } = bn254.fields

const [circuit] = await buildCircuits(['record-range'])
const key = snarkjsKeySchema.parse(circuit!.verifyingKey)
const zkey = readFileSync(circuit!.zkeyPath)
const witnessOf = await loadWitness(readFileSync(circuit!.wasmPath))

/** snarkjs' proof that a value of 18 and more is between 18 and 120. */
async function proofOf(value: bigint): Promise<ProofItem> {
  const witness = witnessOf({ ctx: 77n, schema: 3n, low: 18n, high: 120n, value, salt: 5n })
  const { proof, publicSignals } = await prove(zkey, witness)
  assert.equal(BigInt(publicSignals[0]!), poseidon([3n, value, 5n]))
  return { proof: snarkjsProofSchema.parse(proof), publicSignals }
}

// one after another: snarkjs that is called at once while it starts keeps threads that nothing ends
const items: ProofItem[] = []
for (const value of [18n, 40n, 41n, 120n]) items.push(await proofOf(value))
const [{ proof, publicSignals }] = items as [ProofItem, ...ProofItem[]]
after(endProver)

const refuses = (fault: ProofFault, where: string | RegExp) => (error: unknown) => {
  assert.ok(error instanceof DuckMeshError)
  assert.equal(error.code, 'PROOF_MALFORMED')
  assert.equal(error.details.fault, fault)
  assert.match(String(error.details.where), new RegExp(where))
  return true
}

/** A point of the twist that is not in the group: nearly all are. */
function outsideGroup(): SnarkjsProof['pi_b'] {
  for (let trial = 1n; ; trial++) {
    const x = Fp2.create({ c0: trial, c1: 1n })
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.params.G2b))
      return [
        [`${x.c0}`, `${x.c1}`],
        [`${y.c0}`, `${y.c1}`],
        ['1', '0'],
      ]
    } catch (noRoot) {
      assert.match(String(noRoot), /square root/)
    }
  }
}

describe('verifyProof', () => {
  test('says what snarkjs says of honest proofs, as text and as numbers', async () => {
    for (const item of items) {
      assert.equal(await verifyProof(key, item.publicSignals, item.proof), true)
      assert.equal(await verifyProof(key, item.publicSignals.map(BigInt), item.proof), true)
    }
  })

  test('and of every tampered signal and every exchanged point', async () => {
    const tampered: ProofItem[] = publicSignals.map((signal, index) => ({
      proof,
      publicSignals: publicSignals.with(index, String(Fr.add(BigInt(signal), 1n))),
    }))
    const other = items[1]!.proof
    for (const point of ['pi_a', 'pi_b', 'pi_c'] as const)
      tampered.push({ proof: { ...proof, [point]: other[point] }, publicSignals })
    const negated = String(Fp.neg(BigInt(proof.pi_a[1])))
    tampered.push({ proof: { ...proof, pi_a: [proof.pi_a[0], negated, '1'] }, publicSignals })
    for (const item of tampered) {
      const snarkjs = {
        proof: { ...item.proof, protocol: 'groth16', curve: 'bn128' },
        publicSignals: item.publicSignals as string[],
      }
      assert.equal(await verify(circuit!.verifyingKey, snarkjs), false)
      assert.equal(await verifyProof(key, item.publicSignals, item.proof), false)
    }
  })

  test('a proof that was changed into another of the same statement holds too, so its bytes are no id', async () => {
    const flip = ([x, y]: SnarkjsProof['pi_a']): SnarkjsProof['pi_a'] => [x, String(Fp.neg(BigInt(y))), '1']
    const [x, [real, imaginary]] = proof.pi_b
    const y = [real, imaginary].map((part) => String(Fp.neg(BigInt(part)))) as [string, string]
    const twin: SnarkjsProof = { pi_a: flip(proof.pi_a), pi_b: [x, y, ['1', '0']], pi_c: proof.pi_c }
    assert.notDeepEqual(twin, proof)
    assert.equal(await verifyProof(key, publicSignals, twin), true)
  })

  test('refuses points that are none before any pairing', async () => {
    const check = (change: Partial<SnarkjsProof>) => () =>
      verifyProof(key, publicSignals, { ...proof, ...change })
    const [x, y] = proof.pi_a
    await assert.rejects(check({ pi_a: [x, x, '1'] }), refuses('OFF_CURVE', '^pi_a'))
    await assert.rejects(check({ pi_c: ['0', '0', '1'] }), refuses('OFF_CURVE', '^pi_c'))
    const alias = String(BigInt(x) + Fp.ORDER)
    await assert.rejects(check({ pi_a: [alias, y, '1'] }), refuses('COORDINATE_TOO_LARGE', '^pi_a'))
    const [real, imaginary] = proof.pi_b
    await assert.rejects(check({ pi_b: [imaginary, real, ['1', '0']] }), refuses('OFF_CURVE', '^pi_b'))
    await assert.rejects(check({ pi_b: outsideGroup() }), refuses('WRONG_SUBGROUP', '^pi_b'))
    await assert.rejects(check({ pi_a: [x, y, '0'] as never }), refuses('SHAPE', '^proof'))
    await assert.rejects(check({ pi_a: undefined as never }), refuses('SHAPE', '^proof'))
  })

  test('refuses signals that are too many, too few, not numbers, or another spelling of a number', async () => {
    const check = (signals: ProofItem['publicSignals']) => () => verifyProof(key, signals, proof)
    await assert.rejects(check(publicSignals.slice(1)), refuses('SIGNAL_COUNT', '^publicSignals$'))
    await assert.rejects(check([...publicSignals, '0']), refuses('SIGNAL_COUNT', '^publicSignals$'))
    const aliased = publicSignals.with(-1, String(77n + Fr.ORDER))
    await assert.rejects(check(aliased), refuses('SIGNAL_TOO_LARGE', /^publicSignals\[4\]/.source))
    await assert.rejects(check(publicSignals.with(1, -1n)), refuses('SIGNAL_TOO_LARGE', /\[1\]/.source))
    await assert.rejects(check(publicSignals.with(1, '0x3')), refuses('SHAPE', /\[1\]/.source))
  })

  test('refuses a key whose points are none', async () => {
    const check = (change: object) => () => verifyProof({ ...key, ...change }, publicSignals, proof)
    await assert.rejects(check({ vk_gamma_2: outsideGroup() }), refuses('WRONG_SUBGROUP', '^vk_gamma_2'))
    await assert.rejects(
      check({ IC: key.IC.with(3, ['1', '1', '1']) }),
      refuses('OFF_CURVE', /^IC\[3\]/.source),
    )
    await assert.rejects(check({ IC: undefined }), refuses('SHAPE', '^verifyingKey'))
  })
})

describe('verifyProofs', () => {
  test('honest proofs hold together, also one and none', async () => {
    assert.equal(await verifyProofs(key, items), true)
    assert.equal(await verifyProofs(key, items.slice(0, 1)), true)
    assert.equal(await verifyProofs(key, []), true)
    assert.equal(await verifyProofs(key, [...items, ...items, items[0]!]), true)
  })

  test('a wrong proof at any place makes the batch false', async () => {
    for (const [place, item] of items.entries()) {
      const signals = item.publicSignals.with(-1, '78')
      assert.equal(await verifyProofs(key, items.with(place, { ...item, publicSignals: signals })), false)
      const foreign = { ...item, proof: items[(place + 1) % items.length]!.proof }
      assert.equal(await verifyProofs(key, items.with(place, foreign)), false)
    }
  })

  test('two errors that cancel each other in a plain sum do not under random factors', async () => {
    const shift = (item: ProofItem, by: bigint) => ({
      ...item,
      publicSignals: item.publicSignals.with(1, String(Fr.add(BigInt(item.publicSignals[1]!), by))),
    })
    const forged = [shift(items[0]!, 1n), shift(items[1]!, -1n)]
    assert.equal(await verifyProofs(key, forged), false)
    assert.equal(await verifyProofs(key, forged, () => 1n), true) // what the factors are for
  })

  test('names the item that is malformed', async () => {
    const bad = { ...items[2]!, publicSignals: ['1'] }
    await assert.rejects(
      () => verifyProofs(key, items.with(2, bad)),
      refuses('SIGNAL_COUNT', /^items\[2\]/.source),
    )
  })
})
