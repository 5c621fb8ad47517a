import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { channelIdOf } from '@duckmesh/protocol'
import { numberToHex } from 'viem'
import { startTestChain, type TestChain } from '../../test/testChain.ts'
import { systemClock } from './systemClock.ts'
import { connectChannelChain } from './viemChannelChain.ts'

let chain: TestChain
before(async () => {
  chain = await startTestChain()
})
after(() => chain.stop())

test('two gateways of one account send at the same time: every call happens, and once', async () => {
  const { providerId } = await chain.register(0)
  const startWei = await chain.freeWei(chain.buyer.address)
  const { rpcUrl, mesh, buyer } = chain
  const connect = () => connectChannelChain({ rpcUrl, mesh, account: buyer, clock: systemClock })
  const senders = await Promise.all([connect(), connect()])
  const parties = { payer: buyer.address, payerKey: buyer.address, providerId, withdrawDelay: 3_600 }
  const configs = Array.from({ length: 16 }, (_, at) => ({ ...parties, salt: numberToHex(at, { size: 32 }) }))
  await Promise.all(
    configs.map((config, at) => senders[at % 2]!.send({ kind: 'openChannel', config, amountWei: 5n })),
  )
  const states = await senders[0]!.channels(configs.map((config) => channelIdOf(chain.domain, config)))
  assert.ok(states.every(({ isOpened, fundedWei }) => isOpened && fundedWei === 5n))
  assert.equal(await chain.freeWei(buyer.address), startWei - 16n * 5n)
  // a call that the contract refuses is not tried again under another nonce
  const [config] = configs
  const again = senders[0]!.send({ kind: 'openChannel', config: config!, amountWei: 5n })
  await assert.rejects(again, { code: 'CHAIN_REVERTED' })
})
