import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type EvidenceItem,
  evidenceBatchOf,
  evidenceHash,
  type JobId,
  keyRotationTypedData,
  type PlacedEvidence,
  parseDuck,
  type SlaEvidence,
  slaWindowOf,
  slaWindowTypedData,
} from '@duckmesh/protocol'
import { zeroHash } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { json } from '../../../test/startHttpStub.ts'
import { startTestCoordinator, type TestCoordinator } from '../../../test/startTestCoordinator.ts'
import { keyOf, startTestMesh, type TestMesh } from '../../../test/startTestMesh.ts'
import { DuckMeshClient } from '../../clients/DuckMeshClient.ts'

let mesh: TestMesh
let coordinator: TestCoordinator
let client: DuckMeshClient

before(async () => {
  mesh = await startTestMesh(3)
  coordinator = await startTestCoordinator(mesh)
  const { rpcUrl, buyer: account, evidenceAnchors } = mesh
  client = await DuckMeshClient.connect({ coordinatorUrl: coordinator.url, rpcUrl, account, evidenceAnchors })
  await client.deposit(parseDuck('100'))
})
after(async () => {
  await coordinator.stop()
  await mesh.stop()
})

const sequences = new Map<string, number>()

/** Anchors items as the next batch of an account. */
async function anchor<Item extends EvidenceItem>(
  items: Item[],
  account: PrivateKeyAccount = mesh.coordinator,
) {
  const sequence = sequences.get(account.address) ?? 0
  sequences.set(account.address, sequence + 1)
  const [length, from] = (await mesh.chain.readContract({
    address: mesh.evidenceAnchors,
    abi: (await import('@duckmesh/protocol/modules')).evidenceAnchorsAbi,
    functionName: 'headOf',
    args: [account.address],
  })) as [bigint, number]
  assert.equal(Number(length), sequence)
  await mesh.chain.increaseTime({ seconds: 2 })
  await mesh.chain.mine({ blocks: 1 })
  const until = Number((await mesh.chain.getBlock()).timestamp)
  const leaves = items.map((item) => ({ hash: evidenceHash(mesh.domain, item), item }))
  const { batch, paths } = evidenceBatchOf(leaves, { from, until })
  const args = [sequence, batch.root, batch.dataHash, batch.count, until]
  const transaction = await mesh.call(account, mesh.evidenceAnchors, 'anchor', args)
  return items.map((item, index) => {
    const place = { anchorer: account.address, sequence, batch, isAnchored: true, transaction }
    return { item, inclusion: { ...place, index, path: paths[index]! } }
  })
}

/** Runs a job and gives its receipts as evidence. */
async function runJob(): Promise<{ jobId: JobId; items: EvidenceItem[] }> {
  const { jobId } = await client.submitJob({ prompt: 'Once upon a time', maxTokens: 8 })
  const { receipts } = coordinator.jobs.get(jobId)!.answer
  return {
    jobId,
    items: receipts.map((receipt) => ({ kind: 'execution', ...receipt, paid: { by: 'order' } })),
  }
}

const serve = (jobId: JobId, items: PlacedEvidence[]) => {
  coordinator.handlers[`GET /v1/evidence/${jobId}`] = json({ jobId, items })
}
const problemsOf = async (jobId: JobId) =>
  (await client.evidence.get(jobId)).evidence.flatMap(({ checks }) => checks.filter(({ ok }) => !ok))

describe('evidence.get', () => {
  it('default: receipts of a paid job hold, and say where the chain has them', async () => {
    const { jobId, items } = await runJob()
    const placed = await anchor(items)
    serve(jobId, placed)
    const { ok, evidence } = await client.evidence.get(jobId)
    assert.deepEqual(await problemsOf(jobId), [])
    assert.ok(ok && evidence.length === 3)
    for (const { anchor: found } of evidence)
      assert.equal(found?.transaction, placed[0]!.inclusion.transaction)
  })

  it('behavior: a receipt holds by a key of the period that it was collected in, and by no older one', async () => {
    const early = await runJob()
    serve(early.jobId, await anchor(early.items))
    const [between, late] = [await runJob(), await runJob()]
    const { providerId, owner } = mesh.providers[0]!
    const fresh = privateKeyToAccount(keyOf('rotated'))
    const rotation = { providerId, newKey: fresh.address, keyEpoch: 1 }
    const signature = await fresh.signTypedData(keyRotationTypedData(mesh.domain, rotation))
    await mesh.call(owner, mesh.mesh, 'rotateKey', [providerId, fresh.address, signature])
    mesh.providers[0]!.signer = fresh
    serve(between.jobId, await anchor(between.items))
    serve(late.jobId, await anchor(late.items))
    assert.deepEqual(await problemsOf(early.jobId), [])
    assert.deepEqual(await problemsOf(between.jobId), [])
    const problems = (await problemsOf(late.jobId)).map(({ name, detail }) => [name, detail])
    assert.deepEqual(problems, [['receipt', 'signature']])
  })

  it('error: a job that the chain has not paid, an anchorer that is not the coordinator, nothing at all', async () => {
    const { jobId, items } = await runJob()
    serve(jobId, await anchor(items, mesh.buyer))
    const details = (await problemsOf(jobId)).map(({ detail }) => detail)
    assert.ok(details.includes(`anchored by ${mesh.buyer.address}`), details.join())
    const [first] = items
    assert.ok(first?.kind === 'execution')
    const unpaid: EvidenceItem = { ...first, receipt: { ...first.receipt, jobId: zeroHash } }
    serve(zeroHash, await anchor([unpaid]))
    assert.ok((await problemsOf(zeroHash)).some(({ detail }) => detail === 'the job is none on chain'))
    serve(zeroHash, [])
    assert.equal((await client.evidence.get(zeroHash)).ok, false, 'no evidence is not good evidence')
  })
})

describe('evidence.sla', () => {
  async function windowOf(
    from: number,
    until: number,
    latencyMs: number,
    changes = {},
  ): Promise<SlaEvidence> {
    const answers = Array.from({ length: 20 }, () => ({ jobId: zeroHash, latencyMs }))
    const samples = { looks: '1'.repeat(20), answers }
    const about = { providerId: 1, observer: mesh.coordinator.address, from, until, ...changes }
    const window = slaWindowOf(about, samples)
    const signature = await mesh.coordinator.signTypedData(slaWindowTypedData(mesh.domain, window))
    return { kind: 'sla', window, samples, signature }
  }

  it('default: figures over all windows that hold, each moment once', async () => {
    const placed = await anchor([
      await windowOf(10, 20, 300),
      await windowOf(20, 30, 500),
      // better ones that must not count: a moment twice, another provider, another observer
      await windowOf(19, 29, 1),
      await windowOf(30, 40, 1, { providerId: 2 }),
      await windowOf(40, 50, 1, { observer: mesh.buyer.address }),
    ])
    const waiting = { item: await windowOf(50, 60, 1), inclusion: null }
    coordinator.handlers['GET /v1/providers/1/sla'] = json({ providerId: 1, windows: [...placed, waiting] })
    const { tier, figures, coveredSeconds, windows } = await client.evidence.sla(1)
    assert.equal(figures.answers, 40)
    assert.equal(figures.p50Ms, 300)
    assert.equal(tier, 'silver')
    assert.equal(coveredSeconds, 20)
    assert.deepEqual(
      windows.map(({ problems }) => problems.join()),
      [
        '',
        'overlaps another window',
        '',
        'it is about another provider',
        'observer',
        'waits for a batch: ask again later',
      ],
    )
  })
})
