import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, afterEach, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { devPrivateKey } from '@duckmesh/local-chain'
import { firstHead, nextHead, parseDuck, type StreamFinishReason } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { StreamStage } from '../src/ports/observe.ts'
import { completion, type Given, type StreamClient } from './streamClient.ts'
import { offer, prices, type StreamWorld, startStreamWorld, streamSettings } from './streamWorld.ts'
import { until } from './testWorld.ts'

const fixture = fileURLToPath(new URL('crashingStreams.fixture.ts', import.meta.url))
/** More than a stranger promises at once, so that the stream has to be paid on the way. */
const request = completion({ maxTokens: 60 })
const wholeWei = prices.requestWei + 4n * prices.promptTokenWei + 60n * prices.tokenWei

/**
 * How the stream ends that was under way when the node was killed for the nth time at a stage. Every stage is here: the
 * type does not let one be forgotten.
 */
const crashes: Record<StreamStage, { counts: number[]; ends: StreamFinishReason }> = {
  'stream-checked': { counts: [1], ends: 'length' },
  'stream-begun': { counts: [1], ends: 'cut' },
  'chunk-stored': { counts: [1, 2, 30], ends: 'cut' },
  'chunk-given': { counts: [1, 30], ends: 'cut' },
  'checkpoint-signed': { counts: [1, 3], ends: 'cut' },
  'pay-asked': { counts: [1], ends: 'cut' },
  'voucher-kept': { counts: [1], ends: 'cut' },
  'receipt-signed': { counts: [1], ends: 'cut' },
  'stream-ended': { counts: [1], ends: 'length' },
  'end-given': { counts: [1], ends: 'length' },
  'claim-planned': { counts: [1], ends: 'length' },
  'claim-sent': { counts: [1], ends: 'length' },
  'claim-seen': { counts: [1], ends: 'length' },
}

describe('a node that is killed while it streams', () => {
  let world: StreamWorld
  const children = new Set<ChildProcess>()
  const owner = privateKeyToAccount(devPrivateKey(4)).address

  before(async () => {
    world = await startStreamWorld()
    await world.mesh.fund(owner, parseDuck('1000'))
  })
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
    children.clear()
  })
  after(() => world.stop())

  function launch(fields: Record<string, string> = {}) {
    const settings = {
      ...streamSettings,
      // a claim is due when the whole stream is owed, or the second one
      CLAIM_ENOUGH_DUCK: `0.${wholeWei.toString().padStart(18, '0')}`,
      STREAM_PAY_MS: '10000',
      STREAM_RESUME_MS: '10000',
      LOG_LEVEL: 'info',
      PROFILE: JSON.stringify(world.executor.profile),
      ...fields,
    }
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fixture], {
      env: { PATH: process.env.PATH, ...world.environment(0, settings) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    const output = { text: '' }
    child.stdout.on('data', (chunk) => {
      output.text += chunk
    })
    const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
    const listens = () => until('it listens', () => output.text.includes('node listening'))
    const url = () => `http://127.0.0.1:${output.text.match(/"port":(\d+)/)?.[1]}`
    return { child, exited, listens, output, url }
  }

  /** A stream as far as it goes; undefined when the node did not even answer. */
  const asFarAsItGoes = (run: Promise<Given>): Promise<Given | undefined> => run.catch(() => undefined)

  /** The client comes back for what it has not got. */
  function comeBack(
    buyer: StreamClient,
    stream: Parameters<StreamClient['run']>[0],
    before: Given | undefined,
  ) {
    const chunks = before?.chunks ?? []
    const head = before && chunks.reduce(nextHead, firstHead(before.streamId))
    const part = { voucherWei: prices.strangerCapWei, afterChunks: chunks.length }
    return buyer.run(stream, request, head ? { ...part, head } : part)
  }

  for (const [stage, { counts, ends }] of Object.entries(crashes)) {
    for (const count of counts) {
      test(`at ${stage} (${count}) keeps its books: nothing free, nothing twice, one receipt`, async () => {
        const doomed = launch({ CRASH_AT: stage, CRASH_COUNT: String(count) })
        await doomed.listens()
        const providerId = await world.mesh.providerIdByKey(privateKeyToAccount(devPrivateKey(5)).address)
        const buyer = await world.client({ providerId } as Node, 0, parseDuck('1'), { url: doomed.url })
        const stream = buyer.stream(offer, world.policy, request)
        const before = await asFarAsItGoes(buyer.run(stream, request, { voucherWei: prices.strangerCapWei }))
        assert.equal((await doomed.exited).signal, 'SIGKILL')

        const again = launch()
        await again.listens()
        buyer.url = again.url
        const isOver = before?.end !== undefined
        const rest = isOver ? before : await comeBack(buyer, stream, before)
        assert.equal(rest.end?.finishReason, ends)
        const { receipt } = rest.end!.receipt
        const tokens = [...(before?.chunks ?? []), ...(isOver ? [] : rest.chunks)].flatMap(
          (chunk) => chunk.tokens,
        )
        assert.equal(receipt.completionTokens, tokens.length, 'every token that left is in the receipt')
        assert.ok(receipt.amountWei >= (before?.statedWei ?? 0n), 'what was stated before is not taken back')
        const same = await buyer.run(stream, request, { voucherWei: prices.strangerCapWei })
        assert.deepEqual(same.end?.receipt, rest.end?.receipt, 'the same receipt ever after')
        buyer.owedWei = receipt.amountWei

        const next = await buyer.run(buyer.stream(offer, world.policy, request), request)
        assert.equal(next.end?.finishReason, 'length')
        const owedWei = receipt.amountWei + next.end!.receipt.receipt.amountWei
        assert.equal((await buyer.books()).owedWei, owedWei)
        assert.deepEqual((await buyer.books()).openStreams, [])
        again.child.kill('SIGTERM')
        assert.deepEqual(await again.exited, { code: 0, signal: null })
        assert.equal((await buyer.onChain()).claimedWei, owedWei, 'claimed to the wei when it stopped')
      })
    }
  }
})
