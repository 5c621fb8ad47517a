// The verifier in one file, as a function of a cloud is packed: it may read that file and nothing else, and make no code of
// text.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildCircuits, endProver, loadWitness, prove } from '@duckmesh/circuits'
import { examples } from '@duckmesh/circuits/bench'
import { build } from 'esbuild'

const folder = mkdtempSync(join(tmpdir(), 'duckmesh-bundle-'))
const file = join(folder, 'verifier.mjs')
after(() => rmSync(folder, { recursive: true }))

const program = `
import { verifyProof, verifyProofs } from '@duckmesh/protocol/groth16'
const { key, item } = JSON.parse(process.argv[2])
const answers = [
  await verifyProof(key, item.publicSignals, item.proof),
  await verifyProofs(key, [item, item]),
  await verifyProof(key, item.publicSignals.with(1, '4'), item.proof),
]
console.log(JSON.stringify(answers))
`

before(() =>
  build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  }),
)

test('verifies in one file, without further files or evaluated code', async () => {
  const [circuit] = await buildCircuits(['record-range'])
  const witnessOf = await loadWitness(readFileSync(circuit!.wasmPath))
  const item = await prove(readFileSync(circuit!.zkeyPath), witnessOf(examples['record-range']!().inputs))
  await endProver()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--permission',
      `--allow-fs-read=${file}`,
      '--disallow-code-generation-from-strings',
      file,
      JSON.stringify({ key: circuit!.verifyingKey, item }),
    ],
    { encoding: 'utf8', timeout: 60_000 },
  )
  assert.equal(status, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), [true, true, false])
})
