// A buyer's checker and the nodes that it may ask, over HTTP, with one real model behind all of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  authenticate,
  bindReplay,
  type Evidence,
  hashCanonical,
  joinChunks,
  type MeshDomain,
  nodeRoutes,
  type ProviderId,
  type ReplayBody,
  receiptTypedData,
  replayGrades,
  replayVerdictTypedData,
  type SignedReceipt,
  sessionHeader,
  sessionTypedData,
  verificationModes,
} from '@duckmesh/protocol'
import express, { type RequestHandler } from 'express'
import { type Address, keccak256, toHex, zeroHash } from 'viem'
import { generatePrivateKey, type LocalAccount, privateKeyToAccount } from 'viem/accounts'
import {
  askValidator,
  type CheckerOptions,
  createChecker,
  openSqliteStandingStore,
  type ValidatorListing,
} from '../../gateway/src/reference/index.ts'
import { systemClock } from '../../provider-node/src/adapters/systemClock.ts'
import type { Executor } from '../../provider-node/src/executors/executor.ts'
import { completion, take } from '../../provider-node/src/executors/streamRequest.fixture.ts'
import { identifyCaller } from '../../provider-node/src/http/caller.ts'
import { close, listen } from '../../provider-node/src/http/listen.ts'
import { readJson } from '../../provider-node/src/http/readJson.ts'
import { nowSeconds } from '../../provider-node/src/ports/clock.ts'
import { payersOnly, replayRoute } from '../../provider-node/src/reference/replayRoute.ts'

const domain: MeshDomain = {
  chainId: 31_337,
  verifyingContract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
}
const secret = keccak256(toHex('the secret of this buyer'))
/** The provider whose answers are checked. */
export const PROVIDER: ProviderId = 1

/** What a validator does: its duty, or one verdict whatever it is given. */
export type Conduct = 'honest' | 'simulated-lazy' | 'simulated-liar' | 'simulated-dead'

/** Answers each replay with one grade, without looking. */
function blindRoute(
  providerId: ProviderId,
  signer: LocalAccount,
  kernelClass: string,
  grade: 'accept' | 'reject',
): RequestHandler {
  return async (request, response) => {
    const body = request.body as ReplayBody
    const stream = Object.fromEntries(
      Object.entries(body.stream).map(([key, value]) => [
        key,
        /Wei$|nonce/.test(key) ? BigInt(value) : value,
      ]),
    ) as ReplayBody['stream']
    const { streamId, outputHash } = bindReplay(domain, { ...body, stream })
    const figures = {
      kernelClass,
      tokens: joinChunks(body.chunks).tokens.length,
      faults: grade === 'reject' ? (['text'] as const) : [],
      notDrawnShare: 0,
      largestDistanceNats: 0,
      meanDistanceNats: 0,
      largestDeltaNats: 0,
      meanDeltaNats: 0,
      endDistanceNats: 0,
    }
    const verdict = {
      streamId,
      outputHash,
      policy: stream.policy,
      validatorId: providerId,
      grade: replayGrades[grade],
      figuresHash: hashCanonical(figures),
      at: 1_900_000_000,
    }
    const signature = await signer.signTypedData(replayVerdictTypedData(domain, verdict))
    response.json({ verdict, figures, signature })
  }
}

/** Starts validators with ids from 2 on, and a checker that may ask them. */
export async function startReferenceWorld(
  executor: Executor,
  conducts: readonly Conduct[],
  options: Partial<Pick<CheckerOptions, 'policy' | 'trapRate' | 'random'>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'duckmesh-reference-'))
  const store = openSqliteStandingStore(join(folder, 'standing.sqlite'))
  const buyer = privateKeyToAccount(generatePrivateKey())
  const providerKey = privateKeyToAccount(generatePrivateKey())
  const keys = new Map<ProviderId, Address>([[PROVIDER, providerKey.address]])
  const asked: ProviderId[] = []
  const listings: ValidatorListing[] = []
  const servers: Awaited<ReturnType<typeof listen>>['server'][] = []
  const note =
    (providerId: ProviderId): RequestHandler =>
    (_request, _response, next) => {
      asked.push(providerId)
      next()
    }
  const { profile, replayer } = executor
  for (const [index, conduct] of conducts.entries()) {
    const providerId = 2 + index
    const signer = privateKeyToAccount(generatePrivateKey())
    const parts = { domain, providerId, signer, clock: systemClock, replayers: [replayer!] }
    const grade = conduct === 'simulated-lazy' ? 'accept' : 'reject'
    const route =
      conduct === 'honest' ? replayRoute(parts) : blindRoute(providerId, signer, profile.kernelClass, grade)
    const app = express()
    app.post(
      nodeRoutes.replay.path,
      identifyCaller({
        caller: (header) => authenticate(domain, header, signer.address, nowSeconds(systemClock)),
      }),
      payersOnly((account) => account === buyer.address),
      readJson(nodeRoutes.replay.bodyLimitBytes),
      note(providerId),
      route,
    )
    const { server, port } = await listen(app, '127.0.0.1', 0)
    if (conduct === 'simulated-dead') await close(server)
    else servers.push(server)
    keys.set(providerId, signer.address)
    const endpoint = `http://127.0.0.1:${port}`
    listings.push({ providerId, owner: signer.address, signingKey: signer.address, endpoint, profile })
  }
  const authorization = async (audience: Address) => {
    const session = { account: buyer.address, audience, expiresAt: Math.floor(Date.now() / 1_000) + 60 }
    return sessionHeader(session, await buyer.signTypedData(sessionTypedData(domain, session)))
  }
  let nonce = 0n
  const nextNonce = () => {
    nonce += 1n
    return nonce
  }
  const caught: { providerId: ProviderId; evidence: Evidence }[] = []
  const checker = createChecker({
    domain,
    secret,
    policy: { firstChecks: 5, leastRate: 0.2 },
    store,
    validators: async () => listings,
    ask: askValidator({ domain, authorization, fetch, timeoutMs: 20_000 }),
    trapRate: 0,
    nowMs: systemClock.nowMs,
    random: Math.random,
    nextNonce,
    onCaught: (providerId, evidence) => caught.push({ providerId, evidence }),
    ...options,
  })

  /** An answer of the provider with its receipt; `tamper` changes it before it is signed. */
  async function answer(tamper: (chunks: ReplayBody['chunks']) => ReplayBody['chunks'] = (chunks) => chunks) {
    const request = completion({ prompt: `Once upon a time number ${nonce}`, maxTokens: 24 })
    const { pieces, promptTokens, finishReason } = await take(executor.generator!, request)
    const chunks = tamper(pieces.map((piece, index) => ({ index, ...piece })))
    const stream = {
      channelId: zeroHash,
      requestHash: hashCanonical(request),
      policy: hashCanonical(profile),
      mode: verificationModes.reference,
      requestWei: 0n,
      promptTokenWei: 1n,
      tokenWei: 2n,
      nonce: nextNonce(),
      expiresAt: 2_000_000_000,
    }
    const body: ReplayBody = { stream, request, profile, chunks, promptTokens, finishReason }
    const { streamId, outputHash } = bindReplay(domain, body)
    const receipt: SignedReceipt['receipt'] = {
      jobId: streamId,
      providerId: PROVIDER,
      outputHash,
      assignmentHash: zeroHash,
      amountWei: 1n,
      promptTokens,
      completionTokens: joinChunks(chunks).tokens.length,
      startedAt: 1_900_000_000,
      finishedAt: 1_900_000_001,
    }
    const signature = await providerKey.signTypedData(receiptTypedData(domain, receipt))
    return { body, receipt: { receipt, signature }, owner: providerKey.address }
  }

  async function stop() {
    await Promise.all(servers.map(close))
    store.close()
    rmSync(folder, { recursive: true })
  }
  return { domain, secret, store, keys, asked, caught, checker, answer, stop }
}
