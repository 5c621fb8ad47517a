import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbiCoder, keccak256 } from 'ethers'
import { contextOf, encodeGroth16Claim, type Groth16Claim, signalsHash } from './claim.ts'
import { GROUP_ORDER } from './orders.ts'

const coder = AbiCoder.defaultAbiCoder()
const word = (byte: string) => `0x${byte.repeat(32)}` as const

const claim: Groth16Claim = {
  taskId: word('a1'),
  agentId: word('05'),
  modelId: word('03'),
  policy: word('04'),
  proof: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n],
  results: [42n],
  request: [6n, 7n],
}

test('the context depends on task and agent and is always below the group order', () => {
  const context = contextOf(claim.taskId, claim.agentId)
  const hash = keccak256(coder.encode(['bytes32', 'bytes32'], [claim.taskId, claim.agentId]))
  assert.equal(context, BigInt(hash) / 256n)
  assert.notEqual(contextOf(claim.agentId, claim.taskId), context)
  assert.ok((1n << 248n) - 1n < GROUP_ORDER)
})

test('the hash of signals depends on their number', () => {
  assert.equal(signalsHash([42n]), keccak256(coder.encode(['uint256[]'], [[42n]])))
  assert.notEqual(signalsHash([42n]), signalsHash([42n, 0n]))
})

test('a claim is encoded as ethers does', () => {
  const { taskId, agentId, modelId, policy, proof, results, request } = claim
  const types = [
    'bytes32',
    'bytes32',
    'bytes32',
    'bytes32',
    'bytes32',
    'uint256[8]',
    'uint256[]',
    'uint256[]',
  ]
  const values = [taskId, agentId, modelId, signalsHash(request), policy, proof, results, request]
  assert.equal(encodeGroth16Claim(claim), coder.encode(types, values))
})
