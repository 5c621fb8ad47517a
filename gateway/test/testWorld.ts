import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StreamRequest, stringifyWire } from '@duckmesh/protocol'
import { openSqlitePurseStore } from '../src/adapters/sqlitePurseStore.ts'
import type { Buyer, BuyerEvent, BuyerResult, BuyOptions } from '../src/buyer.ts'
import {
  type BuyerOptions,
  connectChannelChain,
  createBuyer,
  httpDirectory,
  systemClock,
} from '../src/index.ts'
import { startTestChain } from './testChain.ts'
import { TestProvider } from './testProvider.ts'

/** A request that the test engine answers with `maxTokens` words. */
export const ask = (prompt: string, maxTokens = 10): StreamRequest => ({
  api: 'completion',
  prompt,
  maxTokens,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
})

export const duck: BuyOptions = { model: { name: 'duck' }, mode: 'signed' }

/** Small amounts, so that vouchers and top-ups are needed often. */
export const smallMoney = {
  depositWei: 200_000n,
  topUpBelowWei: 20_000n,
  strangerCapWei: 20_000n,
  budgetWei: 10_000_000n,
}

/** Chain, coordinator and providers, all real but for the engines. */
export async function startWorld(providerCount: number) {
  const chain = await startTestChain()
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-buyer-'))
  const providers: TestProvider[] = []
  for (let index = 0; index < providerCount; index++) providers.push(await TestProvider.start(chain, index))
  const coordinator = { isAway: false }
  const server = createServer((_request, response) => {
    if (coordinator.isAway) return void response.writeHead(503).end()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(stringifyWire({ providers: providers.map(({ listed }) => listed) }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const coordinatorUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const buyers: Buyer[] = []
  let purses = 0
  return {
    chain,
    providers,
    coordinator,
    coordinatorUrl,
    /** Folder of the purse with this number. */
    purseFolder: (number: number) => join(folder, `purse-${number}`),
    /** A buyer with a purse of its own; `purse` names one that is used again. */
    buyer: async (options: Partial<BuyerOptions> = {}, purse = purses++): Promise<Buyer> => {
      const buyer = await createBuyer({
        chain: await connectChannelChain({
          rpcUrl: chain.rpcUrl,
          mesh: chain.mesh,
          account: chain.buyer,
          clock: systemClock,
          quietWithinMs: 2_000,
        }),
        store: openSqlitePurseStore(join(folder, `purse-${purse}`), Date.now()),
        directory: httpDirectory(coordinatorUrl),
        clock: systemClock,
        tendEveryMs: 200,
        ages: { freshMs: 0 },
        random: () => 0,
        ...options,
        policy: { ...smallMoney, ...options.policy },
        settings: { openWithinMs: 10_000, silenceMs: 3_000, giveUpAfterMs: 15_000, ...options.settings },
      })
      buyers.push(buyer)
      return buyer
    },
    stop: async () => {
      await Promise.all(buyers.map((buyer) => buyer.close()))
      server.close()
      server.closeAllConnections()
      await Promise.all(providers.map((provider) => provider.stop()))
      await chain.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type TestWorld = Awaited<ReturnType<typeof startWorld>>

/** Buys an answer and gives its text, its events and its result. */
export async function bought(buyer: Buyer, request: StreamRequest, options: BuyOptions = duck) {
  const events: BuyerEvent[] = []
  const answer = buyer.stream(request, options)
  let text = ''
  let step = await answer.next()
  while (!step.done) {
    events.push(step.value)
    if (step.value.type === 'chunk') text += step.value.chunk.text
    step = await answer.next()
  }
  const result: BuyerResult = step.value
  return { text, events, result, kinds: events.map(({ type }) => type) }
}

/** Waits until something holds. @throws Error that names it */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const endMs = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
