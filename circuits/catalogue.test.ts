import assert from 'node:assert/strict'
import { test } from 'node:test'
import { catalogue, circuitNamed } from './catalogue.ts'
import { measure, readManifest } from './manifest.ts'

const manifest = readManifest()

test('the manifest names every circuit of the catalogue and no other', () => {
  assert.deepEqual(
    Object.keys(manifest),
    catalogue.map(({ name }) => name),
  )
  assert.throws(() => circuitNamed('nothing'), RangeError)
})

for (const { name, main, maxConstraints, publicSignals } of catalogue) {
  test(`${name}: compiles to the manifest's bytes, within its bar`, async () => {
    const measured = await measure(name, main())
    assert.deepEqual(measured, manifest[name])
    assert.ok(measured.constraints <= maxConstraints)
  })

  test(`${name}: the public signals are those of its description`, () => {
    const count = publicSignals.reduce((sum, signal) => sum + Number(signal.match(/\[(\d+)\]/)?.[1] ?? 1), 0)
    assert.equal(count, manifest[name]!.publicSignals)
  })

  test(`${name}: its Groth16 domain is the smallest that fits`, () => {
    const { constraints, publicSignals: signals, domainBits } = manifest[name]!
    assert.ok(constraints + signals + 1 <= 2 ** domainBits)
    assert.ok(constraints + signals + 1 > 2 ** (domainBits - 1))
  })
}
