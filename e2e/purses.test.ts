// Two gateways of one account on a mesh of real processes: side by side, settled, and one of them lost.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { AccountChannel } from '@duckmesh/sdk'
import OpenAI from 'openai'
import { createTestClient, http } from 'viem'
import { foundry } from 'viem/chains'
import { type GatewayMesh, startGatewayMesh } from './support/startGateway.ts'
import { until } from './support/until.ts'

const model = 'stories15m'
const sumOf = (amounts: bigint[]): bigint => amounts.reduce((sum, wei) => sum + wei, 0n)
const heldWei = (channels: AccountChannel[]) =>
  sumOf(channels.map(({ fundedWei, claimedWei }) => fundedWei - claimedWei))
const claimedWei = (channels: AccountChannel[]) => sumOf(channels.map((channel) => channel.claimedWei))

describe('two gateways of one account', () => {
  let world: GatewayMesh
  let folders: string
  const folder = (name: string) => join(folders, name)
  before(async () => {
    folders = await mkdtemp(join(tmpdir(), 'duckmesh-purses-'))
    const env = { CLAIM_ENOUGH_DUCK: '0.000001', CLAIM_LEAST_DUCK: '0.000001', WATCH_MS: '300' }
    world = await startGatewayMesh(['a', 'b'], env)
  })
  after(async () => {
    await world?.end()
    await rm(folders, { recursive: true, force: true })
  })

  const freeWei = async () => (await world.client.getBalance()).freeWei
  /** Asks until a number of answers have come, one after the other. @returns what they cost, DUCK wei */
  const ask = async (baseURL: string, answers: number): Promise<bigint> => {
    const client = new OpenAI({ baseURL, apiKey: 'duckmesh', maxRetries: 0 })
    const costs: bigint[] = []
    for (let seed = 0; seed < answers; seed++) {
      const wish = { model, prompt: 'Once', max_tokens: 8, seed }
      // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
      const { duckmesh } = (await client.completions.create(wish)) as any
      costs.push(BigInt(duckmesh.costWei))
    }
    return sumOf(costs)
  }

  test('buy at the same time, and both settle: no channel is closed by the other, and every wei is found', async () => {
    const startWei = await freeWei()
    const gateways = await Promise.all(['one', 'two'].map((name) => world.start('--state-dir', folder(name))))
    const asks = gateways.flatMap(({ baseUrl }) => [ask(baseUrl, 4), ask(baseUrl, 4)])
    const costWei = sumOf(await Promise.all(asks))
    const channels = await until('all is claimed', async () => {
      const found = await world.client.getChannels()
      return claimedWei(found) === costWei ? found : undefined
    })
    assert.equal(new Set(channels.map(({ config }) => config.payerKey)).size, 2, 'a key for each purse')
    assert.ok(channels.every(({ closableAfter }) => closableAfter === 0))
    assert.equal((await freeWei()) + heldWei(channels) + costWei, startWei)
    for (const { stop } of gateways) assert.equal(await stop(), 0)
    for (const name of ['one', 'two']) {
      const { code, value } = await world.run('channels', '--state-dir', folder(name))
      assert.equal(code, 0)
      for (const { state, fault } of value.channels) assert.deepEqual([state, fault], ['open', null])
    }
  })

  test('a gateway by the relay answers the same, and says which way it goes and by which key', async () => {
    const gateway = await world.start('--relay', '--state-dir', folder('three'))
    const client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'duckmesh', maxRetries: 0 })
    const wish = { model, prompt: 'Once', max_tokens: 8, seed: 1 }
    // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
    const { duckmesh } = (await client.completions.create(wish)) as any
    assert.deepEqual([duckmesh.route, duckmesh.privacy], ['relay', 'sealed'])
    const root = gateway.baseUrl.replace('/v1', '')
    const { status, route, voucherKey } = (await (await fetch(`${root}/health`)).json()) as Record<
      string,
      string
    >
    const keys = (await world.client.getChannels()).map(({ config }) => config.payerKey)
    assert.deepEqual([status, route, keys.includes(voucherKey as never)], ['ok', 'relay', true])
    assert.equal(await gateway.stop(), 0)
  })

  test('one loses its folder: the account gets back what was in its channels, and the other one goes on', async () => {
    await rm(folder('one'), { recursive: true })
    const { value } = await world.run('channels', '--all', '--close')
    const closing = (value.channels as AccountChannel[]).filter((channel) => channel.closableAfter > 0)
    assert.equal(closing.length, value.channels.length)
    // the other one takes its channel back by topping it up, and is not disturbed
    const other = await world.start('--state-dir', folder('two'))
    await ask(other.baseUrl, 2)
    assert.equal(await other.stop(), 0)
    const chain = createTestClient({ mode: 'anvil', chain: foundry, transport: http(world.mesh.info.rpcUrl) })
    await chain.increaseTime({ seconds: 3_700 })
    await chain.mine({ blocks: 1 })
    // by the account alone, with nothing of any gateway
    const due = (await world.client.getChannels()).filter((channel) => channel.closableAfter > 0)
    assert.ok(due.length > 0 && heldWei(due) > 0n)
    const beforeWei = await freeWei()
    await world.client.exitChannels()
    assert.equal((await freeWei()) - beforeWei, heldWei(due))
  })
})
