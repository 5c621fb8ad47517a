import assert from 'node:assert/strict'
import { test } from 'node:test'
import { providersSchema } from '@duckmesh/protocol'
import { validatorListings } from './validatorListings.ts'

const owner = '0x00000000000000000000000000000000000000AA'
const profile = {
  model: 'ab'.repeat(32),
  name: 'some',
  quantisation: 'Q8_0',
  tokenizer: 'llama/100',
  sampler: { topK: 0, topP: 1, minP: 0 },
  engine: 'engine@1',
  kernelClass: 'avx2',
  contextTokens: 256,
}
const streaming = {
  apis: ['chat'],
  givesLogprobs: true,
  requestWei: '0',
  promptTokenWei: '1',
  tokenWei: '2',
  strangerCapWei: '0',
  slots: 1,
  busy: 0,
}
const provider = (providerId: number, fields: object = {}, stream: object | null = streaming) => ({
  providerId,
  owner,
  signingKey: owner,
  stakedWei: '1',
  lockedWei: '0',
  isActive: true,
  isOnline: true,
  lastSeenAtMs: 1,
  endpoint: 'http://node.test',
  policies: [],
  capacity: 1,
  activeJobs: 0,
  offers: [{ profile, minPriceWei: '1', streaming: stream }],
  sealKey: null,
  ...fields,
})

test('those that are there, reachable, and show token ids', () => {
  const { providers } = providersSchema.parse({
    providers: [
      provider(1),
      provider(2, { isActive: false }),
      provider(3, { isOnline: false }),
      provider(4, { endpoint: null }),
      provider(5, {}, { ...streaming, givesLogprobs: false }),
      provider(6, {}, null),
    ],
  })
  assert.deepEqual(
    validatorListings(providers).map(({ providerId, endpoint }) => [providerId, endpoint]),
    [[1, 'http://node.test']],
  )
})
