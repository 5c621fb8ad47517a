import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import { after, before, describe, test } from 'node:test'
import {
  authenticate,
  DuckMeshError,
  hashCanonical,
  isSignedVerdict,
  type MeshDomain,
  nodeRoutes,
  type ReplayBody,
  replayGrades,
  sessionHeader,
  sessionTypedData,
  signedVerdictSchema,
  stringifyWire,
  verificationModes,
} from '@duckmesh/protocol'
import express from 'express'
import { pino } from 'pino'
import { zeroHash } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { systemClock } from '../adapters/systemClock.ts'
import type { Executor } from '../executors/executor.ts'
import { createLlamaExecutor } from '../executors/llamaExecutor.ts'
import { completion, take } from '../executors/streamRequest.fixture.ts'
import { identifyCaller } from '../http/caller.ts'
import { errorMapper } from '../http/errors.ts'
import { close, listen } from '../http/listen.ts'
import { readJson } from '../http/readJson.ts'
import { resolveModel } from '../models/modelRegistry.ts'
import { payersOnly, replayRoute } from './replayRoute.ts'
import { whenIdle } from './whenIdle.ts'

const domain: MeshDomain = {
  chainId: 31_337,
  verifyingContract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
}
const signer = privateKeyToAccount(generatePrivateKey())
const buyer = privateKeyToAccount(generatePrivateKey())
const stranger = privateKeyToAccount(generatePrivateKey())

describe('POST /v1/replays', () => {
  let executor: Executor
  let server: Server
  let url: string
  let body: ReplayBody
  before(async () => {
    executor = await createLlamaExecutor({ model: await resolveModel('duck1m') })
    const route = replayRoute({
      domain,
      providerId: 7,
      signer,
      clock: systemClock,
      replayers: [executor.replayer!],
    })
    const caller = (header: string | undefined) =>
      authenticate(domain, header, signer.address, Math.floor(Date.now() / 1_000))
    const app = express()
    const { path, bodyLimitBytes } = nodeRoutes.replay
    const guards = [identifyCaller({ caller }), payersOnly((account) => account === buyer.address)]
    app.post(path, guards, readJson(bodyLimitBytes), route).use(errorMapper(pino({ level: 'silent' })))
    const opened = await listen(app, '127.0.0.1', 0)
    server = opened.server
    url = `http://127.0.0.1:${opened.port}${path}`
    const request = completion({ maxTokens: 30 })
    const answer = await take(executor.generator!, request)
    const stream = {
      channelId: zeroHash,
      requestHash: hashCanonical(request),
      policy: hashCanonical(executor.profile),
      mode: verificationModes.reference,
      requestWei: 0n,
      promptTokenWei: 1n,
      tokenWei: 2n,
      nonce: 1n,
      expiresAt: 2_000_000_000,
    }
    const chunks = answer.pieces.map((piece, index) => ({ index, ...piece }))
    const { promptTokens, finishReason } = answer
    body = { stream, request, profile: executor.profile, chunks, promptTokens, finishReason }
  })
  after(async () => {
    await close(server)
    await executor.close()
  })

  async function post(sent: unknown, account = buyer): Promise<{ status: number; json: unknown }> {
    const expiresAt = Math.floor(Date.now() / 1_000) + 60
    const session = { account: account.address, audience: signer.address, expiresAt }
    const signature = await account.signTypedData(sessionTypedData(domain, session))
    const headers = { authorization: sessionHeader(session, signature), 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: stringifyWire(sent) })
    return { status: response.status, json: await response.json() }
  }

  test('answers with a verdict that its validator signed, about just this answer', async () => {
    const { status, json } = await post(body)
    assert.equal(status, 200)
    const signed = signedVerdictSchema.parse(json)
    assert.equal(signed.verdict.grade, replayGrades.accept)
    assert.equal(signed.verdict.validatorId, 7)
    assert.equal(await isSignedVerdict(domain, signed, signer.address), true)
    assert.equal(await isSignedVerdict(domain, signed, stranger.address), false)
    const figures = { ...signed.figures, meanDeltaNats: 9 }
    assert.equal(await isSignedVerdict(domain, { ...signed, figures }, signer.address), false)
  })

  test('rejects words that were put into the answer', async () => {
    const chunks = body.chunks.map((chunk, at) => (at === 4 ? { ...chunk, text: ' Buy DUCK!' } : chunk))
    const { verdict, figures } = signedVerdictSchema.parse((await post({ ...body, chunks })).json)
    assert.deepEqual([verdict.grade, figures.faults], [replayGrades.reject, ['text']])
  })

  const refusals: [string, () => Partial<ReplayBody>, string][] = [
    [
      'a request that the stream does not name',
      () => ({ request: completion({ seed: 8 }) }),
      'INPUT_MISMATCH',
    ],
    [
      'a profile that it does not name',
      () => ({ profile: { ...body.profile, engine: 'x@1' } }),
      'INPUT_MISMATCH',
    ],
    ['chunks that are not in order', () => ({ chunks: body.chunks.toReversed() }), 'REPLAY_IMPOSSIBLE'],
    [
      'chunks without log-probabilities',
      () => ({ chunks: body.chunks.map((chunk) => ({ ...chunk, logprobs: [] })) }),
      'REPLAY_IMPOSSIBLE',
    ],
    ['what is not in the schema', () => ({ promptTokens: -1 }), 'BAD_REQUEST'],
  ]
  for (const [what, change, code] of refusals) {
    test(`refuses ${what}`, async () => {
      const { json } = await post({ ...body, ...change() })
      assert.equal((json as { error: { code: string } }).error.code, code)
    })
  }

  test('answers only who may ask, by a session for this node', async () => {
    assert.equal((await post(body, stranger)).status, 403)
    const response = await fetch(url, { method: 'POST', body: stringifyWire(body) })
    assert.equal(response.status, 401)
  })

  test('few wait at a time, the others are told to come again', async () => {
    const found = await Promise.all(Array.from({ length: 12 }, () => post(body)))
    const busy = found.filter(({ status }) => status === 503)
    assert.ok(busy.length > 0 && busy.length < 12, `${busy.length} were refused`)
    for (const { json } of busy)
      assert.equal((json as { error: { code: string } }).error.code, 'EXECUTOR_BUSY')
  })

  test('a replay waits for paid work, and a caller that goes away ends its replay', async () => {
    const { replayer, generator } = executor
    const paid = generator!.generate(completion({ maxTokens: 200 }), new AbortController().signal)
    await paid.next()
    const leaving = new AbortController()
    const waiting = replayer!.replay(body, leaving.signal)
    const first = await Promise.race([waiting, paid.next().then(() => 'paid')])
    assert.equal(first, 'paid')
    leaving.abort()
    const isCancelled = (error: unknown) => error instanceof DuckMeshError && error.code === 'CANCELLED'
    await assert.rejects(waiting, isCancelled)
    await paid.return({ finishReason: 'length' })
    assert.equal((await replayer!.replay(body, new AbortController().signal)).promptTokens, body.promptTokens)
  })

  test('paid work that does not end is given way to for a while, then the replay is refused', async () => {
    const wait = whenIdle(() => 1, 60)
    await assert.rejects(
      wait(new AbortController().signal),
      (error: DuckMeshError) => error.code === 'EXECUTOR_BUSY',
    )
  })
})
