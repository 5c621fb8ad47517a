import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bench, freeWires, holds, liar, mainOf, refuses } from '../test/harness.ts'
import { FIELD } from './field.ts'
import { poseidon } from './poseidon.ts'

// from circomlibjs 0.1.7's own tests and circomlib's documentation
const KNOWN: [bigint[], bigint][] = [
  [[1n], 18586133768512220936620570745912940619677854269274689475585506675881198879027n],
  [[1n, 2n], 7853200120776062878684798364095072458815029376092732009249414926327459813530n],
  [[1n, 2n, 3n, 4n], 18821383157269793795438455681495246036402687001665670618754263018637548127333n],
  [[1n, 2n, 0n, 0n, 0n], 1018317224307729531995786483840663576608797660851238720571059489595066344487n],
  [[3n, 4n, 0n, 0n, 0n], 5811595552068139067952687508729883632420015185677766880877743348592482390548n],
]

test('hashes equal those of circomlib', () => {
  for (const [inputs, hash] of KNOWN) assert.equal(poseidon(inputs), hash)
})

test('a hash takes 1 to 16 values', () => {
  assert.throws(() => poseidon([]), RangeError)
  assert.throws(() => poseidon(new Array<bigint>(17).fill(1n)), RangeError)
  assert.equal(poseidon([FIELD + 1n]), poseidon([1n]))
})

test('the template gives the same hashes, and every wire is bound', async () => {
  const constraints = { 2: 240, 3: 261, 4: 297, 5: 321, 14: 537, 16: 609 }
  for (const [count, expected] of Object.entries(constraints)) {
    const hash = await bench(`poseidon-${count}`, mainOf('gadgets/poseidon.circom', `Poseidon(${count})`))
    const inputs = Array.from({ length: Number(count) }, (_, index) => BigInt(index) ** 70n)
    assert.deepEqual(holds(hash, { inputs }), [poseidon(inputs)])
    assert.deepEqual(freeWires(hash, { inputs }), [])
    assert.equal(hash.r1cs.constraints.length, expected)
  }
})

test('the template refuses other states between the rounds', async () => {
  const file = 'gadgets/poseidon.circom'
  const full = await liar(
    'poseidon-full',
    file,
    'Poseidon(2)',
    ['inputs'],
    'full[done][i] <-- mixed',
    'full[done][i] <-- mixed + 1',
  )
  refuses(full, { inputs: [1, 2] })
})
