// A sealed stream by the relay of a real coordinator to a real node with a real model: answered, paid and unread.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import {
  parseConfig as parseCoordinator,
  type RunningCoordinator,
  startCoordinator,
} from '@duckmesh/coordinator'
import {
  deployMesh,
  devAccount,
  devIndex,
  devPrivateKey,
  fundAccounts,
  startAnvil,
} from '@duckmesh/local-chain'
import {
  channelIdOf,
  coordinatorRoutes,
  duckMeshAbi,
  duckTokenAbi,
  type EventOpener,
  hashCanonical,
  nodeRoutes,
  parseDuck,
  providersSchema,
  routePath,
  type Sealed,
  type StreamBody,
  type StreamRequest,
  saltRequest,
  sealRequest,
  sessionHeader,
  sessionTypedData,
  streamCeilingWei,
  streamEventSchemas,
  streamIdOf,
  stringifyWire,
  verifySealKey,
  voucherTypedData,
} from '@duckmesh/protocol'
import { createNode, type Node, parseConfig as parseNode } from '@duckmesh/provider-node'
import { createPublicClient, createWalletClient, http, maxUint96, zeroHash } from 'viem'
import { foundry } from 'viem/chains'
import { until } from './support/until.ts'

const PROMPT = 'Once upon a time a secret duck'
const buyer = devAccount(devIndex.buyer)
const owner = devAccount(devIndex.firstOwner)
const signer = devAccount(devIndex.firstSigner)

describe('a sealed stream by the relay', () => {
  let folder: string
  let chain: Awaited<ReturnType<typeof startAnvil>>
  let coordinator: RunningCoordinator
  let node: Node
  let domain: { chainId: number; verifyingContract: `0x${string}` }
  const logged: string[] = []
  let nonce = 0n
  /** What the streams have cost so far, DUCK wei. */
  let owedWei = 0n

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-sealed-'))
    chain = await startAnvil(folder, false)
    const deployer = devAccount(devIndex.deployer)
    const { mesh, token, chainId } = await deployMesh(
      chain.rpcUrl,
      deployer,
      devAccount(devIndex.treasury).address,
    )
    domain = { chainId, verifyingContract: mesh }
    await fundAccounts(
      chain.rpcUrl,
      deployer,
      token,
      [buyer, owner].map(({ address }) => ({ address, duckWei: parseDuck('5000') })),
    )
    await write(token, duckTokenAbi, 'approve', [mesh, maxUint96])
    await write(mesh, duckMeshAbi, 'deposit', [parseDuck('100')])
    coordinator = await startCoordinator(
      parseCoordinator({
        RPC_URL: chain.rpcUrl,
        MESH_ADDRESS: mesh,
        COORDINATOR_PRIVATE_KEY: devPrivateKey(devIndex.coordinator),
        DATA_DIR: join(folder, 'coordinator'),
        PORT: '0',
        RELAY_TO_PRIVATE: 'true',
      }),
      { logger: await memoryLogger(logged) },
    )
    node = await createNode(
      parseNode({
        RPC_URL: chain.rpcUrl,
        COORDINATOR_URL: coordinator.url,
        MESH_ADDRESS: mesh,
        OWNER_PRIVATE_KEY: devPrivateKey(devIndex.firstOwner),
        SIGNING_PRIVATE_KEY: devPrivateKey(devIndex.firstSigner),
        DATA_DIR: join(folder, 'node'),
        MODEL: 'duck1m',
        STAKE_DUCK: '2000',
        LOG_LEVEL: 'silent',
        HEARTBEAT_MS: '200',
        WATCH_MS: '200',
        STREAM_PROMPT_TOKEN_DUCK: '0.00002',
        STREAM_TOKEN_DUCK: '0.0001',
        STREAM_STRANGER_CAP_DUCK: '0.001',
        CLAIM_ENOUGH_DUCK: '0.0001',
        CLAIM_LEAST_DUCK: '0.0001',
      }),
    )
    await node.start()
    await write(mesh, duckMeshAbi, 'openChannel', [channel(), parseDuck('1')])
    await until('the announcement', async () => (await provider()).sealKey !== null)
  })
  after(async () => {
    await node?.stop()
    await coordinator?.stop()
    await chain?.service.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function write(address: `0x${string}`, abi: unknown, functionName: string, args: unknown[]) {
    const transport = http(chain.rpcUrl)
    const wallet = createWalletClient({ account: buyer, chain: foundry, transport })
    const hash = await wallet.writeContract({ address, abi, functionName, args } as never)
    await createPublicClient({ chain: foundry, transport, pollingInterval: 20 }).waitForTransactionReceipt({
      hash,
    })
  }
  const channel = () => ({
    payer: buyer.address,
    payerKey: buyer.address,
    providerId: node.providerId,
    withdrawDelay: 7_200,
    salt: zeroHash,
  })
  async function provider() {
    const answer = await fetch(coordinator.url + coordinatorRoutes.providers.path)
    return providersSchema.parse(await answer.json()).providers[0]!
  }
  const sign = async (maxCumulativeWei: bigint) => ({
    maxCumulativeWei,
    signature: await buyer.signTypedData(
      voucherTypedData(domain, { channelId: channelIdOf(domain, channel()), maxCumulativeWei }),
    ),
  })
  async function session(): Promise<string> {
    const said = {
      account: buyer.address,
      audience: signer.address,
      expiresAt: Math.floor(Date.now() / 1_000) + 300,
    }
    return sessionHeader(said, await buyer.signTypedData(sessionTypedData(domain, said)))
  }

  /** A body for a new stream, sealed with what opens its answer. */
  async function sealedBody(voucherWei?: bigint) {
    const { sealKey, signingKey, offers, providerId } = await provider()
    assert.equal(signingKey, signer.address)
    const nowSeconds = Math.floor(Date.now() / 1_000)
    await verifySealKey({ domain, providerId, signingKey, sealKey: sealKey!, nowSeconds })
    const request: StreamRequest = saltRequest({
      api: 'completion',
      prompt: PROMPT,
      maxTokens: 16,
      temperature: 0,
      topP: 1,
      seed: 1,
      stop: [],
      topLogprobs: 0,
      continueFrom: [],
    })
    const { profile, streaming } = offers[0]!
    const { requestWei, promptTokenWei, tokenWei } = streaming!
    nonce += 1n
    const stream = {
      channelId: channelIdOf(domain, channel()),
      requestHash: hashCanonical(request),
      policy: hashCanonical(profile),
      mode: 0,
      requestWei,
      promptTokenWei,
      tokenWei,
      nonce,
      expiresAt: nowSeconds + 60,
    }
    const streamId = streamIdOf(domain, stream)
    const { sealed, opener } = await sealRequest(
      { request, authorization: await session() },
      sealKey!.publicKey,
      {
        domain,
        providerId,
        streamId,
      },
    )
    const voucher = await sign(voucherWei ?? owedWei + streamCeilingWei(stream, request))
    const body: Omit<StreamBody, 'request'> & { sealed: Sealed } = {
      stream,
      channel: channel(),
      voucher,
      sealed,
      afterChunks: 0,
    }
    return { body, opener, streamId, request }
  }
  const relayed = (body: unknown, path = coordinatorRoutes.relayStream, streamId = '') =>
    fetch(coordinator.url + routePath(path, { providerId: String(node.providerId), streamId }), {
      method: 'POST',
      body: stringifyWire(body),
    })

  /** Reads an answer to its end; pays when asked. */
  async function read(response: Response, events: EventOpener, streamId: string) {
    assert.equal(response.status, 200, await (response.ok ? '' : response.text()))
    const names: string[] = []
    let text = ''
    let amountWei = 0n
    let rest = ''
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + part).split('\n\n')
      rest = blocks.pop()!
      for (const block of blocks) {
        const line = block.split('\n').find((one) => one.startsWith('data: '))
        if (!line) continue
        const { event, data } = await events.open(line.slice(6))
        names.push(event)
        if (event === 'chunk') text += streamEventSchemas.chunk.parse(JSON.parse(data)).text
        if (event === 'pay') {
          const { needWei } = streamEventSchemas.pay.parse(JSON.parse(data))
          const voucher = await sign(needWei)
          assert.equal((await relayed({ voucher }, coordinatorRoutes.relayVoucher, streamId)).status, 200)
        }
        if (event === 'end')
          amountWei = streamEventSchemas.end.parse(JSON.parse(data)).receipt.receipt.amountWei
      }
    }
    assert.equal(events.isWhole, true)
    owedWei += amountWei
    return { names, text, amountWei }
  }

  test('is answered, and paid step by step; neither store nor log of the coordinator has a word of it', async () => {
    const { body, opener, streamId, request } = await sealedBody(parseDuck('0.001'))
    const given = await read(await relayed(body), opener(), streamId)
    assert.equal(given.names[0], 'open')
    assert.ok(given.names.includes('pay'), given.names.join())
    assert.equal(given.names.at(-1), 'end')
    assert.ok(given.text.length > 10 && given.amountWei > 0n)

    const again = await read(await relayed(body), opener(), streamId)
    assert.deepEqual(
      [again.text, again.amountWei],
      [given.text, given.amountWei],
      'given again under another key',
    )

    const entries = await readdir(join(folder, 'coordinator'), { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    const kept = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))))
    const seen = Buffer.concat([...kept, Buffer.from(logged.join())])
    assert.ok(
      seen.includes(signer.address.toLowerCase()) || seen.includes('duck1m'),
      'the search finds what is there',
    )
    for (const secret of [PROMPT, given.text.slice(0, 24), request.salt!.slice(2)]) {
      assert.ok(!seen.includes(secret), secret)
    }
  })

  test('straight to the node with the session in the header, sealed all the same', async () => {
    const { body, opener, streamId } = await sealedBody()
    const response = await fetch(node.address().url + nodeRoutes.openStream.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await session() },
      body: stringifyWire(body),
    })
    const given = await read(response, opener(), streamId)
    assert.ok(given.text.length > 10)
  })

  test('a session of somebody else under the seal is refused', async () => {
    const { body } = await sealedBody()
    const stranger = devAccount(devIndex.firstOwner + 3)
    const said = {
      account: stranger.address,
      audience: signer.address,
      expiresAt: Math.floor(Date.now() / 1_000) + 60,
    }
    const authorization = sessionHeader(said, await stranger.signTypedData(sessionTypedData(domain, said)))
    const { sealKey, providerId } = await provider()
    const request: StreamRequest = saltRequest({ api: 'embedding', input: ['x'] })
    const stream = { ...body.stream, requestHash: hashCanonical(request), nonce: 1_000n }
    const context = { domain, providerId, streamId: streamIdOf(domain, stream) }
    for (const value of [authorization, null]) {
      const { sealed } = await sealRequest({ request, authorization: value }, sealKey!.publicKey, context)
      const response = await relayed({ ...body, stream, sealed })
      assert.ok([401, 403].includes(response.status), `${response.status}`)
    }
  })
})

async function memoryLogger(lines: string[]) {
  const { pino } = await import('pino')
  const stream = new Writable({
    write: (line, _encoding, done) => {
      lines.push(String(line))
      done()
    },
  })
  return pino({ level: 'trace' }, stream)
}
