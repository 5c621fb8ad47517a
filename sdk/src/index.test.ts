import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as sdk from './index.ts'
import * as proofs from './proofs/index.ts'

const PROTOCOL = new URL('../../protocol/src/index.ts', import.meta.url)
/** What is loaded when a proof is to be verified. */
const PROVING = new URL('proving/judge.ts', PROTOCOL)
const GROTH16 = new URL('groth16/verify.ts', PROTOCOL)

/** Sources that a module reaches, with the packages that they import. */
async function importGraph(entry: URL): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set<string>()
  const packages = new Set<string>()
  const queue = [entry]
  for (let url = queue.pop(); url; url = queue.pop()) {
    if (files.has(url.href)) continue
    files.add(url.href)
    const source = await readFile(fileURLToPath(url), 'utf8')
    for (const [, name] of source.matchAll(/^(?:import|export|\}) ?.*?from '([^']+)'/gm)) {
      if (name!.startsWith('.')) queue.push(new URL(name!, url))
      else if (name === '@duckmesh/protocol') queue.push(PROTOCOL)
      else if (name === '@duckmesh/protocol/groth16') queue.push(GROTH16)
      else if (name === '@duckmesh/protocol/proving') queue.push(PROVING)
      else packages.add(name!)
    }
  }
  return { files, packages }
}

async function assertNoNode(files: Set<string>): Promise<void> {
  for (const file of files) {
    const source = await readFile(fileURLToPath(file), 'utf8')
    assert.doesNotMatch(source, /\bBuffer\b|\bprocess\.|from 'node:/, file)
  }
}

describe('the public surface of the SDK', () => {
  it('default: exports exactly this list', () => {
    assert.deepEqual(Object.keys(sdk).sort(), [
      'CoordinatorClient',
      'DuckMeshClient',
      'DuckMeshError',
      'balanceQueryOptions',
      'checkEvidence',
      'createMemoryRunStore',
      'formatDuck',
      'jobQueryOptions',
      'modelsQueryOptions',
      'parseDuck',
      'parseRunRecord',
      'providersQueryOptions',
    ])
  })

  it('behavior: runs in a browser: no module of Node and no Buffer in anything that it reaches', async () => {
    const { files, packages } = await importGraph(new URL('index.ts', import.meta.url))
    assert.ok(files.size > 60, `${files.size} files were walked`)
    assert.ok(files.has(new URL('selection/vrf.ts', PROTOCOL).href), 'the protocol was walked too')
    assert.deepEqual([...packages].sort(), [
      '@bitauth/libauth',
      '@hpke/core',
      '@noble/curves/abstract/utils',
      '@noble/curves/secp256k1',
      '@noble/hashes/hmac',
      '@noble/hashes/sha2',
      '@noble/hashes/sha3',
      'canonicalize',
      'eventsource-parser',
      'p-limit',
      'viem',
      'viem/accounts',
      'viem/utils',
      'zod',
    ])
    await assertNoNode(files)
  })

  it('behavior: verifies proofs in a browser, with what it loads only then', async () => {
    const { files, packages } = await importGraph(PROVING)
    assert.deepEqual([...packages].sort(), ['@noble/hashes/sha3', 'mcl-wasm', 'viem', 'zod'])
    await assertNoNode(files)
  })

  it('behavior: proves in a browser: snarkjs is in the script of the worker alone', async () => {
    const [page, worker] = await Promise.all(
      ['proofs/index.ts', 'proofs/worker.ts'].map((path) => importGraph(new URL(path, import.meta.url))),
    )
    assert.ok(page!.packages.has('mcl-wasm') && !page!.packages.has('snarkjs'))
    assert.ok(worker!.packages.has('snarkjs'))
    await assertNoNode(new Set([...page!.files, ...worker!.files]))
  })

  it('default: the entry for proofs exports exactly this list', () => {
    assert.deepEqual(Object.keys(proofs).sort(), [
      'DuckMeshError',
      'agentIdOf',
      'contextOf',
      'createProver',
      'jobIdOf',
      'judgeProof',
      'keyBytes',
      'keyIdOf',
      'keyOfBytes',
      'orderSchema',
      'proofOfWords',
      'readVerifyingKey',
      'receiptFailures',
      'signedReceiptSchema',
      'snarkjsKeySchema',
      'snarkjsProofSchema',
      'verifyProof',
      'verifyProofs',
      'wordsOfProof',
    ])
  })
})
