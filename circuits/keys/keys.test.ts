import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { examples } from '../bench/examples.ts'
import { catalogue, circuitNamed } from '../catalogue.ts'
import { FIELD } from '../field/field.ts'
import { compile } from '../toolchain/compile.ts'
import { endProver, type Proven, prove, verify } from '../toolchain/prove.ts'
import { publicCount, readR1cs } from '../toolchain/r1cs.ts'
import { type CircuitInputs, loadWitness } from '../toolchain/witness.ts'
import { seeded } from '../zkml/training/network.ts'
import { type BuiltCircuit, buildCircuits } from './build.ts'
import { loadGroups } from './curve.ts'
import { devInsecureKeys } from './devInsecure.ts'
import { verifyingKeyFaults, verifyingKeyHash } from './verifyingKey.ts'

const built = await buildCircuits()
after(endProver)

const ctx = 77n
const named = (name: string): BuiltCircuit => built.find((entry) => entry.name === name)!

async function proofOf(circuit: BuiltCircuit, inputs: CircuitInputs): Promise<Proven> {
  const witnessOf = await loadWitness(readFileSync(circuit.wasmPath))
  return prove(readFileSync(circuit.zkeyPath), witnessOf(inputs))
}

test('every circuit that is not large has development keys without the known faults', () => {
  assert.deepEqual(
    built.map(({ name }) => name),
    Object.keys(examples),
  )
  assert.equal(built.length, catalogue.filter(({ large }) => large !== true).length)
  for (const { r1csPath, verifyingKey, setup } of built) {
    assert.equal(setup, 'dev-insecure')
    assert.deepEqual(verifyingKeyFaults(verifyingKey, publicCount(readR1cs(readFileSync(r1csPath)))), [])
  }
})

for (const [name, example] of Object.entries(examples)) {
  test(`${name}: an honest proof verifies, and no other statement does`, async () => {
    const { inputs, signals } = example()
    const circuit = named(name)
    const proven = await proofOf(circuit, inputs)
    assert.deepEqual(proven.publicSignals.map(BigInt), signals)
    assert.equal(await verify(circuit.verifyingKey, proven), true)
    for (const index of [0, 1, 2, signals.length - 1]) {
      const publicSignals = proven.publicSignals.with(index, String((signals[index]! + 1n) % FIELD))
      assert.equal(await verify(circuit.verifyingKey, { ...proven, publicSignals }), false)
    }
  })
}

test('a proof is worthless for another job: ctx cannot be exchanged, nor can two signals', async () => {
  const circuit = named('record-range')
  const proven = await proofOf(circuit, examples['record-range']!().inputs)
  const other = proven.publicSignals.with(-1, '78')
  assert.equal(await verify(circuit.verifyingKey, { ...proven, publicSignals: other }), false)
  const [commitment, schema, ...rest] = proven.publicSignals
  const swapped = { ...proven, publicSignals: [schema!, commitment!, ...rest] }
  assert.equal(await verify(circuit.verifyingKey, swapped), false)
})

test('a signal that is not a number of the field is refused, though it means the same', async () => {
  const circuit = named('record-range')
  const proven = await proofOf(circuit, examples['record-range']!().inputs)
  const alias = proven.publicSignals.with(-1, String(ctx + FIELD))
  assert.equal(await verify(circuit.verifyingKey, { ...proven, publicSignals: alias }), false)
})

test('an honest witness generator refuses a false statement before anything is proved', async () => {
  await assert.rejects(
    proofOf(named('record-range'), { ...examples['record-range']!().inputs, value: 17n }),
    /stopped with code/,
  )
  await assert.rejects(proofOf(named('record-range'), { ctx, value: 40n }), /takes 6 values/)
  await assert.rejects(
    proofOf(named('membership'), { ...examples.membership!().inputs, children: [1n] }),
    /takes 40 values/,
  )
})

test('keys of another run do not verify each other’s proofs', async () => {
  const circuit = named('record-range')
  const { verifyingKey } = devInsecureKeys(readR1cs(readFileSync(circuit.r1csPath)), await loadGroups())
  const proven = await proofOf(circuit, examples['record-range']!().inputs)
  assert.notEqual(verifyingKeyHash(verifyingKey), verifyingKeyHash(circuit.verifyingKey))
  assert.equal(await verify(verifyingKey, proven), false)
})

test('with a seed the keys are the same bytes, for test vectors', async () => {
  const { r1csPath } = await compile('record-range', circuitNamed('record-range').main())
  const r1cs = readR1cs(readFileSync(r1csPath))
  const groups = await loadGroups()
  const make = () => {
    const random = seeded(1)
    return devInsecureKeys(r1cs, groups, () => BigInt(Math.floor(random() * 2 ** 32)) + 2n)
  }
  assert.deepEqual(make().zkey, make().zkey)
})

test('the faults of verifying keys are found', async () => {
  const key = named('record-range').verifyingKey
  const { g2 } = await loadGroups()
  const [x0, x1, y0, y1] = g2.coordinates(g2.multiples([1n])).map(String)
  const generator = [
    [x0, x1],
    [y0, y1],
    ['1', '0'],
  ]
  const faults = (change: object, signals = 5) => verifyingKeyFaults({ ...key, ...change }, signals).join(' ')
  assert.match(faults({ vk_delta_2: key.vk_gamma_2 }), /gamma equals delta/)
  assert.match(faults({ vk_delta_2: generator }), /no contribution/)
  assert.match(faults({}, 4), /takes 5 public signals, the circuit has 4/)
  assert.match(faults({ IC: key.IC.with(2, key.IC[1]!) }), /share a point/)
  assert.match(faults({ IC: key.IC.with(2, ['0', '1', '0']) }), /infinity/)
  assert.match(faults({ protocol: 'plonk' }), /not Groth16/)
})
