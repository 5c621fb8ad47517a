import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  channelIdOf,
  hashCanonical,
  parseDuck,
  type Stream,
  streamCeilingWei,
  streamIdOf,
  stringifyWire,
} from '@duckmesh/protocol'
import { pino } from 'pino'
import { toHex, zeroAddress, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { systemClock } from '../src/adapters/systemClock.ts'
import { ChannelBook } from '../src/streaming/book.ts'
import { openSqliteLedger } from '../src/streaming/ledger/sqliteLedger.ts'
import type { EventSink } from '../src/streaming/sink.ts'
import { StreamRun } from '../src/streaming/streamRun.ts'
import { createSimulatedEngine } from './simulatedEngine.ts'
import { completion, type StreamClient } from './streamClient.ts'
import { healthOf, offer, prices, type StreamWorld, startStreamWorld } from './streamWorld.ts'
import { until } from './testWorld.ts'

const domain = { chainId: 31_337, verifyingContract: '0x00000000000000000000000000000000000000aa' } as const

describe('slow clients', () => {
  let world: StreamWorld
  before(async () => {
    world = await startStreamWorld()
  })
  after(() => world.stop())

  /** Asks for a stream over a socket and never reads from it. */
  async function neverRead(buyer: StreamClient, text: string): Promise<Socket> {
    const { hostname, port } = new URL(buyer.url())
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.pause()
    const head = [
      'POST /v1/streams HTTP/1.1',
      'host: node',
      `authorization: ${await buyer.session()}`,
      `content-length: ${Buffer.byteLength(text)}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${text}`)
    return socket
  }

  test('that read nothing stop their own engines and nobody else', async () => {
    const length = 4_096
    const { node, engine } = await world.streamNode(0, {
      slots: 40,
      script: { text: () => 'x'.repeat(8_192) },
      fields: { STREAM_PER_CHANNEL: '40' },
    })
    const buyer = await world.client(node, 0, parseDuck('1'))
    const long = completion({ maxTokens: length })
    const made = Array.from({ length: 2 }, () => buyer.stream(offer, world.policy, long))
    const voucher = await buyer.voucher(parseDuck('0.9'))
    const sockets = await Promise.all(
      made.map((stream) =>
        neverRead(buyer, stringifyWire({ stream, channel: buyer.config, voucher, request: long })),
      ),
    )
    await until('all run', async () => (await healthOf(node)).streaming.openStreams === 2)
    const quick = completion({ maxTokens: 5 })
    const given = await buyer.run(buyer.stream(offer, world.policy, quick), quick, {
      voucherWei: parseDuck('0.9'),
    })
    assert.equal(given.end?.finishReason, 'length', 'others are served meanwhile')
    let owedWei = 0n
    await until('the engines stand still', async () => {
      const before = owedWei
      await new Promise((resolve) => setTimeout(resolve, 300))
      ;({ owedWei } = await buyer.books())
      return owedWei === before
    })
    assert.equal(engine.running, 2, 'none could finish')
    for (const socket of sockets) socket.destroy()
    await until('all are cut', async () => (await healthOf(node)).streaming.openStreams === 0)
    assert.equal(engine.running, 0)
  })

  test('five hundred of them hold no more than their bounded buffers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'duckmesh-streams-'))
    const ledger = openSqliteLedger(folder)
    const count = 500
    const produced = new Map<number, number>()
    const signer = privateKeyToAccount(devPrivateKey(5))
    const config = {
      payer: zeroAddress,
      payerKey: zeroAddress,
      providerId: 1,
      withdrawDelay: 86_400,
      salt: zeroHash,
    }
    const channelId = channelIdOf(domain, config)
    const seenAt = Math.floor(Date.now() / 1_000)
    const sight = { fundedWei: parseDuck('1'), claimedWei: 0n, closableAfter: 0, seenAt }
    ledger.see(channelId, config, sight)
    const voucher = { maxCumulativeWei: parseDuck('1'), signature: toHex(1n, { size: 65 }) }
    const book = new ChannelBook({ channelId, config, sight, voucher, endedWei: 0n }, 120, () => seenAt)
    const long = completion({ maxTokens: 4_096 })
    const runs = Array.from({ length: count }, (_, number) => {
      const stream: Stream = {
        channelId,
        requestHash: hashCanonical(long),
        policy: zeroHash,
        mode: 0,
        requestWei: prices.requestWei,
        promptTokenWei: prices.promptTokenWei,
        tokenWei: prices.tokenWei,
        nonce: BigInt(number),
        expiresAt: 2_000_000_000,
      }
      const streamId = streamIdOf(domain, stream)
      const row = ledger.begin(stream, streamId, 0, voucher)
      book.enter(streamId, streamCeilingWei(stream, long))
      const { generator } = createSimulatedEngine(world.executor.profile, 1, {
        text: () => 'x'.repeat(4_096),
        beforeToken: (index) => void produced.set(number, index),
      })
      return new StreamRun({
        row,
        request: long,
        generator: generator!,
        lease: { release: () => undefined },
        book,
        ledger,
        stater: { domain, providerId: 1, signer },
        clock: systemClock,
        logger: pino({ level: 'silent' }),
        observe: () => undefined,
        pace: {
          checkpointTokens: 64,
          checkpointMs: 60_000,
          payMs: 60_000,
          resumeMs: 60_000,
          engineMs: 60_000,
          chunkMs: 1,
        },
      })
    })
    // a full socket: it takes the first event and never has room again
    const stuck = (): EventSink => {
      const { promise: closed, resolve } = Promise.withResolvers<void>()
      let events = 0
      return {
        closed,
        close: () => resolve(),
        end: () => resolve(),
        send: () => (events++ === 0 ? Promise.resolve(true) : closed.then(() => false)),
      }
    }
    await Promise.all(
      runs.map(({ audience }) => audience.join(stuck(), (plain) => Promise.resolve(plain), 0)),
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    const most = Math.max(...produced.values())
    assert.equal(produced.size, count, 'all of them run')
    assert.ok(most <= 20, `an engine went ${most} tokens of 4 KiB ahead`)
    for (const run of runs) run.cut()
    await Promise.all(runs.map(({ done }) => done))
    assert.equal(ledger.running().length, 0)
    assert.equal(ledger.channel(channelId)?.endedWei, book.endedWei)
    ledger.close()
    await rm(folder, { recursive: true, force: true })
  })
})
