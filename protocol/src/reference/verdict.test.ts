import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { TypedDataEncoder } from 'ethers'
import { hashTypedData, keccak256, toHex } from 'viem'
import { eip712Domain } from '../typed-data/domain.ts'
import { secretShare } from './duty.ts'
import { replayVerdictTypedData, replayVerdictTypes } from './verdict.ts'

const domain = { chainId: 31_337, verifyingContract: '0x5FbDB2315678afecb367f032d93F642f64180aa3' } as const
const verdict = {
  streamId: keccak256('0x01'),
  outputHash: keccak256('0x02'),
  policy: keccak256('0x03'),
  validatorId: 7,
  grade: 2,
  figuresHash: keccak256('0x04'),
  at: 1_900_000_000,
}

test('viem and ethers give a verdict the same digest, and every field changes it', () => {
  const types = { ReplayVerdict: [...replayVerdictTypes.ReplayVerdict] }
  const digestOf = (message: typeof verdict) => {
    const digest = hashTypedData(replayVerdictTypedData(domain, message))
    assert.equal(TypedDataEncoder.hash(eip712Domain(domain), types, message), digest)
    return digest
  }
  const changes = [
    { streamId: keccak256('0x05') },
    { outputHash: keccak256('0x05') },
    { policy: keccak256('0x05') },
    { validatorId: 8 },
    { grade: 1 },
    { figuresHash: keccak256('0x05') },
    { at: 1 },
  ]
  const digests = changes.map((change) => digestOf({ ...verdict, ...change }))
  assert.equal(new Set([digestOf(verdict), ...digests]).size, changes.length + 1)
})

test('the share of a secret is the first 48 bits of HMAC-SHA256, as another implementation has it', () => {
  for (const text of ['check/0x01', 'validator/7/0x02', '']) {
    const secret = keccak256(toHex(text))
    const mac = createHmac('sha256', Buffer.from(secret.slice(2), 'hex'))
      .update(text)
      .digest()
    assert.equal(secretShare(secret, text), mac.readUIntBE(0, 6) / 2 ** 48)
  }
})
