// Evidence, from what happened to a proof that the chain confirms; coordinator, chain and store are real.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import {
  DuckMeshError,
  duckMeshAbi,
  evidenceHash,
  executionFailures,
  hashCanonical,
  isIncluded,
  type PlacedEvidence,
  providerSlaSchema,
  receiptTypedData,
  replayGrades,
  slaFailures,
} from '@duckmesh/protocol'
import { keccak256, toHex, zeroHash } from 'viem'
import { type Bench, errorCodeOf, resultOf, until } from './bench.ts'
import { setUpEvidenceBench } from './evidenceBench.ts'

let world: Awaited<ReturnType<typeof setUpEvidenceBench>>
let bench: Bench
let startedMs: number
before(async () => {
  world = await setUpEvidenceBench()
  bench = world.bench
  startedMs = Date.now()
})
beforeEach(() => {
  world.hook.passes = () => undefined
})
after(() => bench?.tearDown())

describe('proofs of execution', () => {
  test('receipts of paid seats are anchored, and hold offline and on chain', async () => {
    const { jobId, drawn } = await world.play(['a duck', 'a duck', 'a duck'])
    const { items } = await world.anchored(jobId, 3)
    const providers = drawn.map(({ providerId }) => providerId).sort()
    assert.deepEqual(
      items.map(({ item }) => item.kind === 'execution' && item.receipt.providerId),
      providers,
    )
    for (const placed of items) {
      const { item, inclusion } = placed
      assert.ok(item.kind === 'execution' && inclusion)
      assert.equal(item.receipt.jobId, jobId)
      const key = devAccount(devIndex.firstSigner + item.receipt.providerId - 1).address
      assert.deepEqual(await executionFailures(bench.domain, item, key), [])
      const { batch, index, path } = inclusion
      assert.ok(isIncluded(evidenceHash(bench.domain, item), { ...batch, index, path }))
      assert.ok(await world.onChain(placed))
    }
  })

  test('a seat that was not paid for its answer proves nothing', async () => {
    const { jobId } = await world.play(['a duck', 'garbage', 'a duck'])
    const { items } = await world.anchored(jobId, 2)
    const outputs = items.map(({ item }) => item.kind === 'execution' && item.receipt.outputHash)
    assert.deepEqual(new Set(outputs), new Set([hashCanonical(resultOf('a duck'))]))
  })

  test('a changed answer of the coordinator does not hold', async () => {
    const { jobId } = await world.play(['a duck', 'a duck', 'a duck'])
    const [placed, other] = (await world.anchored(jobId, 3)).items as [PlacedEvidence, PlacedEvidence]
    assert.ok(placed.item.kind === 'execution')
    const { receipt } = placed.item
    const changed = { ...placed, item: { ...placed.item, receipt: { ...receipt, completionTokens: 9 } } }
    assert.ok(!(await world.onChain(changed)))
    assert.ok(!(await world.onChain({ ...placed, item: other.item })), 'the leaf of another seat')
    const unpaid = { ...placed, item: { ...placed.item, paid: (await world.runStream(90n)).paid } }
    assert.ok(!(await world.onChain(unpaid)))
  })

  test('a receipt of the on-chain lane is taken when the job is paid, for the output and provider that were', async () => {
    const lane = { mode: 0, seats: 1, providerId: 1, disputeWindow: 1 }
    const order = bench.makeOrder(lane)
    const jobId = bench.idOf(order)
    const outputHash = hashCanonical(resultOf('a duck'))
    const onMesh = (functionName: string, args: unknown[], by = bench.owners[0]!) =>
      bench.write(by, bench.deployment.mesh, duckMeshAbi, functionName, args)
    const receipt = {
      jobId,
      providerId: 1,
      outputHash,
      assignmentHash: zeroHash,
      amountWei: order.priceWei,
      promptTokens: 1,
      completionTokens: 3,
      startedAt: 10,
      finishedAt: 12,
    }
    const signed = async (changes = {}) => {
      const given = { ...receipt, ...changes }
      const signer = devAccount(devIndex.firstSigner + given.providerId - 1)
      const signature = await signer.signTypedData(receiptTypedData(bench.domain, given))
      return { receipt: { receipt: given, signature }, paid: { by: 'order' } }
    }
    await onMesh('postJob', [order], bench.buyer)
    await onMesh('acceptJob', [order, 1])
    await onMesh('submitResult', [jobId, outputHash])
    assert.equal(
      await errorCodeOf(await world.post(await signed())),
      'JOB_NOT_DONE',
      'submitted and not paid',
    )
    await bench.reader.request({ method: 'evm_increaseTime' as never, params: [3] as never })
    await onMesh('finalizeJob', [order])
    for (const changes of [{ outputHash: zeroHash }, { providerId: 2 }]) {
      assert.equal(await errorCodeOf(await world.post(await signed(changes))), 'JOB_NOT_DONE')
    }
    assert.deepEqual(await (await world.post(await signed())).json(), { taken: 1 })
    assert.ok(await world.onChain((await world.anchored(jobId, 1)).items[0]!))
  })
})

describe('proofs of audit', () => {
  test('a stream with verdicts of two validators is taken once, and anchored', async () => {
    const stream = await world.runStream(1n)
    const body = {
      ...stream.body,
      verdicts: [await world.verdictOf(stream, 1), await world.verdictOf(stream, 2)],
    }
    assert.deepEqual(await (await world.post(body)).json(), { taken: 3 })
    assert.deepEqual(await (await world.post(body)).json(), { taken: 0 })
    const again = {
      ...stream.body,
      verdicts: [await world.verdictOf(stream, 1, { grade: replayGrades.reject })],
    }
    assert.deepEqual(await (await world.post(again)).json(), { taken: 0 }, 'one word of each auditor')
    const { items } = await world.anchored(stream.receipt.jobId, 3)
    for (const placed of items) assert.ok(await world.onChain(placed))
    const [execution, ...audits] = items.map(({ item }) => item)
    assert.deepEqual(
      audits.map((item) => item.kind === 'audit' && [item.verdict.validatorId, item.verdict.grade, item.of]),
      [2, 3].map((id) => [id, replayGrades.accept, evidenceHash(bench.domain, execution!)]),
    )
  })

  test('nothing is taken that a registered provider has not signed about just this', async () => {
    const stream = await world.runStream(2n)
    const { receipt, sign, body } = stream
    const refused = async (changes: Record<string, unknown>) =>
      errorCodeOf(await world.post({ ...body, ...changes }))
    const by = async (index: number) => ({ receipt: { receipt, signature: await sign(index) } })
    assert.equal(await refused(await by(1)), 'BAD_SIGNATURE')
    assert.equal(await refused(await by(40)), 'NOT_REGISTERED')
    const others = { ...receipt, providerId: 2 }
    assert.equal(
      await refused({ receipt: { receipt: others, signature: await sign(1, others) } }),
      'RECEIPT_INVALID',
      'the channel pays provider 1',
    )
    assert.equal(await refused({ paid: { by: 'order' } }), 'JOB_NOT_DONE')
    assert.equal(
      await errorCodeOf(await world.post((await world.runStream(3n, { isClosed: true })).body)),
      'CHANNEL_UNKNOWN',
    )
    const verdicts = async (index: number, changes = {}) => ({
      verdicts: [await world.verdictOf(stream, index, changes)],
    })
    assert.equal(await refused(await verdicts(0)), 'RECEIPT_INVALID', 'its own judge')
    assert.equal(await refused(await verdicts(1, { outputHash: zeroHash })), 'RECEIPT_INVALID')
    assert.equal(await refused(await verdicts(1, { validatorId: 3 })), 'BAD_SIGNATURE')
    assert.equal(await refused({ more: 1 }), 'BAD_REQUEST')
    assert.equal(await world.read(receipt.jobId), undefined, 'nothing of it was kept')
    assert.equal(
      await errorCodeOf(await fetch(`${bench.coordinator.url}/v1/evidence/${receipt.jobId}`)),
      'NOT_FOUND',
    )
  })

  test('a provider that signs two receipts for one stream is told which one stands', async () => {
    const { receipt, paid, sign, body } = await world.runStream(4n)
    assert.equal((await world.post(body)).status, 200)
    const second = { ...receipt, amountWei: 6n }
    const again = { receipt: { receipt: second, signature: await sign(0, second) }, paid }
    assert.equal(await errorCodeOf(await world.post(again)), 'EQUIVOCATION')
  })
})

describe('proofs of service level', () => {
  test('follow from their samples and are anchored', async () => {
    // who is not heard of before the coordinator has listened for a while is not away
    const { NODE_TIMEOUT_MS } = bench.coordinator.container.config
    await until(async () => Date.now() - startedMs > NODE_TIMEOUT_MS + 1_000, 'looks that count', 60_000)
    const { jobId, drawn } = await world.play(['a duck', 'a duck', 'a duck'])
    const { providerId } = drawn[0]!
    const { windows } = await until(async () => {
      const found = providerSlaSchema.parse(await world.get(`/v1/providers/${providerId}/sla`))
      const isIn = found.windows.some(
        ({ item, inclusion }) =>
          inclusion?.isAnchored && item.samples.answers.some((answer) => answer.jobId === jobId),
      )
      return isIn && found
    }, 'a window with the job')
    const { address } = bench.coordinator.container.signer
    for (const placed of windows) {
      assert.deepEqual(await slaFailures(bench.domain, placed.item, address), [])
      if (placed.inclusion?.isAnchored) assert.ok(await world.onChain(placed))
    }
    const isOfJob = ({ item }: (typeof windows)[number]) =>
      item.samples.answers.some((answer) => answer.jobId === jobId)
    const { samples } = windows.find(isOfJob)!.item
    assert.match(samples.looks, /1/)
    assert.ok(samples.answers.every(({ latencyMs }) => latencyMs !== null && latencyMs < 10_000))
    const ends = windows.map(({ item }) => item.window.until)
    assert.deepEqual(
      ends,
      ends.toSorted((a, b) => b - a),
    )
  })
})

test('a provider of whom too much waits has to wait too', async () => {
  let isHeld = false
  world.hook.passes = (stage) => {
    isHeld = stage === 'batch-sending'
    if (isHeld) throw new DuckMeshError('CANCELLED', 'held back')
  }
  const first = await world.runStream(38n)
  await world.post(first.body)
  await until(async () => isHeld, 'a batch that is held back, behind which all waits')
  const { store } = bench.coordinator.container
  const { body, receipt } = await world.runStream(39n)
  const many = Array.from({ length: 1_024 }, (_, index) => {
    const jobId = keccak256(toHex(index))
    const item = {
      kind: 'execution' as const,
      ...body.receipt,
      receipt: { ...receipt, jobId },
      paid: body.paid,
    }
    return { hash: jobId, item }
  })
  assert.equal(await store.addEvidence(many, 1), 1_024)
  assert.equal(await errorCodeOf(await world.post(body)), 'RATE_LIMITED')
})

test('a coordinator without an address keeps no evidence, and says so', async () => {
  const { container, url } = bench.coordinator
  const config = { ...container.config, EVIDENCE_ANCHORS_ADDRESS: undefined }
  Object.assign(container, { config })
  assert.equal(await errorCodeOf(await fetch(`${url}/v1/evidence/${zeroHash}`)), 'NOT_FOUND')
  assert.equal(await errorCodeOf(await world.post((await world.runStream(40n)).body)), 'NOT_FOUND')
  assert.equal((await world.get('/v1/evidence/batches')).anchors, null)
})
