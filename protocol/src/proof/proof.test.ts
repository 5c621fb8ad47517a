import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbiCoder, keccak256, TypedDataEncoder, toUtf8Bytes } from 'ethers'
import { type Hex, hashTypedData } from 'viem'
import statements from '../../vectors/proof-statements.json' with { type: 'json' }
import digests from '../../vectors/verification-digest.json' with { type: 'json' }
import { attestedResultTypes, keyAttestationTypes, referenceVerdictTypes } from './statements.ts'
import { agentIdOf, proofInputHash, taskInputOf } from './taskInput.ts'
import { agentProofProfileOf, type Verification, verificationDigestOf } from './verificationDigest.ts'

const coder = AbiCoder.defaultAbiCoder()
const allTypes = { ...attestedResultTypes, ...keyAttestationTypes, ...referenceVerdictTypes } as const

for (const { name, fields, taskInput, digest } of digests) {
  const verification = fields as Verification

  test(`${name}: viem gives the golden hashes`, () => {
    assert.equal(taskInputOf(verification), taskInput)
    assert.equal(verificationDigestOf(verification), digest)
  })

  test(`${name}: ethers gives the golden hashes`, () => {
    const { taskId, agentId, inputHash } = fields
    const words = ['bytes32', 'bytes32', 'bytes32']
    assert.equal(keccak256(coder.encode(words, [taskId, agentId, inputHash])), taskInput)
    const encoded = coder.encode(
      [...words, 'bytes32', 'bool', 'bytes32', 'uint256', 'bytes', 'bytes'],
      [
        taskId,
        agentId,
        inputHash,
        fields.outputHash,
        fields.valid,
        fields.agentProofProfile,
        fields.timestampSeconds,
        fields.verifier,
        toUtf8Bytes(`eip155:${fields.chainId}`),
      ],
    )
    assert.equal(keccak256(encoded), digest)
  })

  test(`${name}: every field changes the digest`, () => {
    const other = `0x${'11'.repeat(32)}` as Hex
    const changes: Partial<Verification>[] = [
      { taskId: other },
      { agentId: other },
      { inputHash: other },
      { outputHash: other },
      { valid: !fields.valid },
      { agentProofProfile: other },
      { timestampSeconds: 5 },
      { verifier: `0x${'22'.repeat(20)}` },
      { chainId: 10 },
    ]
    const seen = new Set(changes.map((change) => verificationDigestOf({ ...verification, ...change })))
    assert.equal(seen.size, changes.length)
    assert.ok(!seen.has(digest as Hex))
  })
}

test('every kind of proof statement has a vector', () => {
  assert.deepEqual(new Set(statements.map(({ struct }) => struct)), new Set(Object.keys(allTypes)))
})

for (const [index, { domain, struct, message, digest }] of statements.entries()) {
  test(`statement ${index}, ${struct}: viem and ethers give the golden digest`, () => {
    const fields = allTypes[struct as keyof typeof allTypes]
    assert.equal(
      hashTypedData({ domain, types: { [struct]: fields }, primaryType: struct, message } as never),
      digest,
    )
    const mutable = { [struct]: fields.map((field) => ({ ...field })) }
    assert.equal(TypedDataEncoder.hash(domain, mutable, message), digest)
  })
}

test('the agent id of a provider is its id as a word', () => {
  assert.equal(agentIdOf(7), `0x${'00'.repeat(31)}07`)
  assert.equal(agentIdOf(2 ** 32 - 1), `0x${'00'.repeat(28)}ffffffff`)
})

test('the input hash of the mesh covers model, request and policy', () => {
  const [modelId, inputHash, policy] = ['aa', 'bb', 'cc'].map((byte) => `0x${byte.repeat(32)}` as Hex)
  assert.ok(modelId && inputHash && policy)
  const want = keccak256(`0x${'aa'.repeat(32)}${'bb'.repeat(32)}${'cc'.repeat(32)}`)
  assert.equal(proofInputHash({ modelId, inputHash, policy }), want)
})

test('the profile of a configuration covers adapter, profile and metadata', () => {
  const adapter = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
  const profile = `0x${'aa'.repeat(32)}` as Hex
  const want = keccak256(
    coder.encode(['address', 'bytes32', 'bytes32'], [adapter, profile, keccak256('0x1234')]),
  )
  assert.equal(agentProofProfileOf(adapter, profile, '0x1234'), want)
})
