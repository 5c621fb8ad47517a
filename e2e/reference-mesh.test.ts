// Answers bought in mode reference on a real mesh: others replay them. A provider that runs the cheaper twin of its model
// is caught and never asked again, and so is one that stops early and says that the answer had ended.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import {
  type Buyer,
  type BuyOptions,
  connectChannelChain,
  createBuyer,
  httpDirectory,
  systemClock,
} from '@duckmesh/gateway'
import { type CheckResult, openReference } from '@duckmesh/gateway/reference'
import { openSqlitePurseStore } from '@duckmesh/gateway/sqlite'
import {
  type DuckMeshError,
  type Evidence,
  providersSchema,
  type Skipped,
  type StreamRequest,
  verifyEvidence,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { bringUp, type TestMesh } from './support/bringUp.ts'
import { until } from './support/until.ts'

const request: StreamRequest = {
  api: 'completion',
  prompt: 'Once upon a time a duck',
  maxTokens: 96,
  temperature: 0,
  topP: 1,
  seed: 7,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}

describe('answers in mode reference', () => {
  let mesh: TestMesh
  let buyer: Buyer
  let reference: ReturnType<typeof openReference>
  const checked = new Map<Hex, CheckResult>()
  const open = async (): Promise<Buyer> => {
    const { rpcUrl, coordinatorUrl, buyerPrivateKey, mesh: address } = mesh.info
    const account = privateKeyToAccount(buyerPrivateKey)
    const folder = join(mesh.stateDir, 'purse')
    reference = openReference(folder)
    return createBuyer({
      chain: await connectChannelChain({ rpcUrl, mesh: address, account, clock: systemClock }),
      store: openSqlitePurseStore(folder, Date.now()),
      reference: {
        ...reference,
        onChecked: (streamId, result) => checked.set(streamId, result),
      },
      directory: httpDirectory(coordinatorUrl),
      clock: systemClock,
    })
  }
  before(async () => {
    const honest = ['mallard', 'teal', 'eider'].map((name) => ({ name, kind: 'honest' as const }))
    const providers = [
      ...honest,
      { name: 'cuckoo', kind: 'cheap-model' as const },
      { name: 'swift', kind: 'early-stop' as const },
    ]
    mesh = await bringUp({ providers, model: 'stories15m' })
    buyer = await open()
    await until('all stream', async () => ((await buyer.models())[0]?.providers === 5 ? true : undefined))
  })
  afterEach((context) => mesh?.note(context))
  after(async () => {
    await buyer?.close()
    await mesh?.end()
  })

  const idOf = (name: string) => mesh.info.providers.find((provider) => provider.name === name)!.providerId

  /** Buys from one provider alone. @returns the id of the stream */
  async function buyFrom(name: string, mode: BuyOptions['mode']): Promise<Hex> {
    const exclude = mesh.info.providers.map(({ providerId }) => providerId).filter((id) => id !== idOf(name))
    const answer = buyer.stream(request, { model: { name: 'stories15m' }, mode, exclude })
    for (;;) {
      const step = await answer.next()
      if (step.done) return step.value.streamIds[0]!
    }
  }
  const resultOf = (streamId: Hex) =>
    until('the check has ended', () => checked.get(streamId), 60_000) as Promise<CheckResult>

  test('are replayed by others: an honest one is accepted, the cheaper twin is caught, for good', async () => {
    // a node replays for those who pay it: the buyer is known to the honest ones first
    for (const name of ['mallard', 'teal', 'eider']) await buyFrom(name, 'signed')
    assert.equal(await resultOf(await buyFrom('mallard', 'reference')), 'accepted')
    assert.equal(await resultOf(await buyFrom('cuckoo', 'reference')), 'rejected')
    const isRefused = (error: DuckMeshError) => {
      const skipped = error.details.skipped as Skipped[]
      return skipped.some(({ providerId, reason }) => providerId === idOf('cuckoo') && reason === 'CAUGHT')
    }
    await assert.rejects(buyFrom('cuckoo', 'signed'), isRefused)
    await buyer.close()
    buyer = await open()
    await buyFrom('mallard', 'reference')
    await assert.rejects(buyFrom('cuckoo', 'reference'), isRefused)
  })

  test('an early end is evidence: the provider signed that it came, and the replay says that none was due', async () => {
    for (const name of ['mallard', 'teal', 'eider']) await buyFrom(name, 'signed')
    const streamId = await buyFrom('swift', 'reference')
    assert.equal(await resultOf(streamId), 'rejected')
    const isOfStream = ({ receipt }: Evidence) => receipt.receipt.jobId === streamId
    const evidence = (await reference.store.evidence()).find(isOfStream)!
    assert.equal(evidence.answer.finishReason, 'stop')
    for (const { figures } of evidence.verdicts) {
      assert.deepEqual([figures.faults, figures.tokens], [[], request.maxTokens / 2])
      assert.ok(figures.endDistanceNats > 0.4, 'the end was far off')
      assert.ok(figures.largestDistanceNats <= 0.4, 'each token was right')
    }
    const response = await fetch(`${mesh.info.coordinatorUrl}/v1/providers`)
    const { providers } = providersSchema.parse(await response.json())
    const domain = { chainId: mesh.info.chainId, verifyingContract: mesh.info.mesh }
    const keys = new Map(providers.map(({ providerId, signingKey }) => [providerId, signingKey]))
    assert.deepEqual(await verifyEvidence(domain, evidence, keys), [])
    const excused: Evidence = { ...evidence, answer: { ...evidence.answer, finishReason: 'cut' } }
    assert.deepEqual(await verifyEvidence(domain, excused, keys), ['receipt', 'verdicts', 'rejections'])
  })
})
