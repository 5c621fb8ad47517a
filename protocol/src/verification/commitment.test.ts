import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbiCoder, keccak256 } from 'ethers'
import vectors from '../../vectors/commitment.json' with { type: 'json' }
import { type CommitmentParameters, commitmentOf } from './commitment.ts'

const [{ commitment, ...parameters }] = vectors as [CommitmentParameters & { commitment: string }]

test('gives the golden commitment, as ethers does', () => {
  assert.equal(commitmentOf(parameters), commitment)
  const { jobId, round, providerId, outputHash, salt } = parameters
  const types = ['bytes32', 'uint8', 'uint32', 'bytes32', 'bytes32']
  const encoded = AbiCoder.defaultAbiCoder().encode(types, [jobId, round, providerId, outputHash, salt])
  assert.equal(keccak256(encoded), commitment)
})

test('every field changes it', () => {
  const word = `0x${'11'.repeat(32)}` as const
  const changes: Partial<CommitmentParameters>[] = [
    { jobId: word },
    { round: 0 },
    { providerId: 8 },
    { outputHash: word },
    { salt: word },
  ]
  const all = changes.map((change) => commitmentOf({ ...parameters, ...change }))
  assert.equal(new Set([commitment, ...all]).size, changes.length + 1)
})
