// More streams at once than one real provider has room for: they wait, and nobody is taken for broken.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import {
  type Buyer,
  type BuyerResult,
  connectChannelChain,
  createBuyer,
  httpDirectory,
  systemClock,
} from '@duckmesh/gateway'
import { openSqlitePurseStore } from '@duckmesh/gateway/sqlite'
import { privateKeyToAccount } from 'viem/accounts'
import { bringUp, honestProviders, type TestMesh } from './support/bringUp.ts'
import { until } from './support/until.ts'

const TOKENS = 12

/** How many streams are let in: as nodes come, and far more than their engine has slots. */
const doors = {
  'with the usual room': {},
  'that lets all in': { STREAM_WAITING: '128', STREAM_PER_CHANNEL: '128' },
}

for (const [door, env] of Object.entries(doors)) {
  describe(`a lone provider ${door}`, () => {
    let mesh: TestMesh
    const buyers: Buyer[] = []
    before(async () => {
      mesh = await bringUp({ providers: honestProviders(1), env })
    })
    afterEach((context) => mesh?.note(context))
    after(async () => {
      await Promise.all(buyers.map((buyer) => buyer.close()))
      await mesh?.end()
    })

    /** A buyer with a purse of its own, so that its channel is a fresh one. */
    async function newBuyer(purse: number): Promise<Buyer> {
      const { rpcUrl, coordinatorUrl, buyerPrivateKey, mesh: address } = mesh.info
      const account = privateKeyToAccount(buyerPrivateKey)
      const buyer = await createBuyer({
        chain: await connectChannelChain({ rpcUrl, mesh: address, account, clock: systemClock }),
        store: openSqlitePurseStore(join(mesh.stateDir, `purse-${purse}`), Date.now()),
        directory: httpDirectory(coordinatorUrl),
        clock: systemClock,
        settings: { giveUpAfterMs: 120_000 },
      })
      buyers.push(buyer)
      await until('it streams', async () => (await buyer.models())[0])
      return buyer
    }

    async function buy(buyer: Buyer, prompt: string): Promise<BuyerResult> {
      const sampling = { temperature: 0, topP: 1, seed: 7, stop: [], topLogprobs: 0, continueFrom: [] }
      const answer = buyer.stream(
        { api: 'completion', prompt, maxTokens: TOKENS, ...sampling },
        { model: { name: 'duck1m' }, mode: 'signed' },
      )
      for (;;) {
        const step = await answer.next()
        if (step.done) return step.value
      }
    }

    for (const streams of [32, 64]) {
      test(`serves ${streams} streams at once on a fresh channel, to the last`, async () => {
        const buyer = await newBuyer(streams)
        const prompts = Array.from({ length: streams }, (_, index) => `Once ${index}`)
        const results = await Promise.all(prompts.map((prompt) => buy(buyer, prompt)))
        for (const { finishReason, streamIds, receipts } of results) {
          assert.ok(finishReason === 'length' || finishReason === 'stop', finishReason)
          assert.equal(streamIds.length, 1, 'no answer was begun twice')
          assert.equal(receipts.length, 1)
        }
        const [channel, ...others] = buyer.channels()
        assert.deepEqual(others, [])
        assert.equal(
          channel?.owedWei,
          results.reduce((sum, { costWei }) => sum + costWei, 0n),
        )
        assert.deepEqual((await buy(buyer, 'and one more')).why, [], 'nothing is held against the provider')
        await buyer.close()
        await buyer.close()
      })
    }
  })
}
