// Streams bought by a gateway from real provider nodes: one of them dies in the middle.
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
import type { StreamRequest } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { bringUp, honestProviders, type TestMesh } from './support/bringUp.ts'
import { until } from './support/until.ts'

const request: StreamRequest = {
  api: 'completion',
  prompt: 'Once upon a time a duck',
  maxTokens: 150,
  temperature: 0,
  topP: 1,
  seed: 7,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}

describe('a provider dies in the middle of an answer', () => {
  let mesh: TestMesh
  let buyer: Buyer
  before(async () => {
    // a model that takes a while, so that there is a middle to die in
    const env = { STREAM_CHUNK_MS: '1' }
    mesh = await bringUp({ providers: honestProviders(2), model: 'stories15m', env })
    const { rpcUrl, coordinatorUrl, buyerPrivateKey, mesh: address } = mesh.info
    const account = privateKeyToAccount(buyerPrivateKey)
    buyer = await createBuyer({
      chain: await connectChannelChain({ rpcUrl, mesh: address, account, clock: systemClock }),
      store: openSqlitePurseStore(join(mesh.stateDir, 'purse'), Date.now()),
      directory: httpDirectory(coordinatorUrl),
      clock: systemClock,
      settings: { resumeTries: 1 },
    })
    await until('both stream', async () => ((await buyer.models())[0]?.providers === 2 ? true : undefined))
  })
  afterEach((context) => mesh?.note(context))
  after(async () => {
    await buyer?.close()
    await mesh?.end()
  })

  /** Buys the answer; `onChunk` is told of every chunk's number and provider. */
  async function buy(onChunk: (count: number, providerId: number) => Promise<void> | void = () => undefined) {
    const answer = buyer.stream(request, { model: { name: 'stories15m' }, mode: 'signed' })
    let text = ''
    let count = 0
    let providerId = 0
    for (;;) {
      const step = await answer.next()
      if (step.done) return { text, result: step.value as BuyerResult }
      if (step.value.type === 'start') providerId = step.value.providerId
      if (step.value.type !== 'chunk') continue
      text += step.value.chunk.text
      count += 1
      await onChunk(count, providerId)
    }
  }

  test('the other goes on from its tokens: the same text as without the death, one unbroken answer', async () => {
    const whole = await buy()
    assert.equal(whole.result.providers.length, 1)
    assert.ok(whole.text.length > 20, whole.text)
    const nameOf = (providerId: number) =>
      mesh.info.providers.find((provider) => provider.providerId === providerId)!.name
    /** One answer during which its provider is killed, which is then started again. */
    const buyWithDeath = async () => {
      let killed = 0
      const cut = await buy(async (count, providerId) => {
        if (count !== 2) return
        killed = providerId
        await mesh.services.get(nameOf(providerId))!.kill()
      })
      await mesh.restart(nameOf(killed))
      assert.equal(cut.text, whole.text)
      return { killed, result: cut.result }
    }
    let death = await buyWithDeath()
    // on a busy machine the whole answer may have left the provider before it dies
    for (let tries = 0; death.result.providers.length === 1 && tries < 5; tries++)
      death = await buyWithDeath()
    assert.equal(death.result.providers.length, 2)
    assert.equal(death.result.providers[0], death.killed)
    assert.deepEqual(death.result.usage, whole.result.usage)
    // the one that died is back, and says what its part was: the buyer owes what the provider may claim
    await until('all is settled', () =>
      buyer.channels().every(({ openStreams }) => openStreams.length === 0) ? true : undefined,
    )
    for (const channel of buyer.channels()) assert.equal(channel.fault, null)
  })
})
