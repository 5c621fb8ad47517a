// The OpenAI surface over a buyer that answers at once from memory (simulated: nobody is asked or paid): how much the
// surface itself can carry.

import type { Buyer, BuyerModel } from '@duckmesh/gateway'
import { startLocalGateway } from '@duckmesh/gateway/home'
import { hashCanonical } from '@duckmesh/protocol'
import { zeroAddress } from 'viem'
import { answerChunks, stubProfile } from './stubAnswer.ts'

const policy = hashCanonical(stubProfile)
const price = { requestWei: 1n, promptTokenWei: 1n, tokenWei: 1n }
const models: BuyerModel[] = [
  { policy, profile: stubProfile, apis: ['chat', 'completion'], providers: 1, price },
]
const streamId = policy
const health = { isOk: true, lastOkAtMs: 0, code: null }

const simulatedBuyer: Buyer = {
  async *stream() {
    yield { type: 'start', streamId, providerId: 1, policy }
    for (const chunk of answerChunks) yield { type: 'chunk', chunk }
    const usage = { promptTokens: 4, completionTokens: answerChunks.length }
    const costWei = 5n
    return {
      streamIds: [streamId],
      providers: [1],
      usage,
      costWei,
      finishReason: 'length',
      receipts: [],
      why: [],
      parts: [],
    }
  },
  quote: async () => ({ providerId: 1, policy, price, ceilingWei: 100n, why: [] }),
  models: async () => models,
  balance: async () => ({ freeWei: 0n, heldWei: 0n, owedWei: 0n }),
  channels: () => [],
  health: () => ({ coordinator: health, chain: health }),
  identity: () => ({ payer: zeroAddress, voucherKey: zeroAddress, route: 'direct' }),
  close: async () => undefined,
}

const { baseUrl } = await startLocalGateway({
  buyer: simulatedBuyer,
  defaults: { verify: 'signed', privacy: 'open', route: 'direct' },
  port: 0,
  onError: (error) => console.error(error),
})
console.log(JSON.stringify({ msg: 'listening', port: Number(new URL(baseUrl).port) }))
