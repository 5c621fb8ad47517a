// Batches of evidence: whole, and anchored once, whatever happens to coordinator and chain.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  DuckMeshError,
  evidenceBatchesSchema,
  evidenceBatchFileSchema,
  evidenceDataHash,
  type PlacedEvidence,
} from '@duckmesh/protocol'
import { evidenceAnchorsAbi } from '@duckmesh/protocol/modules'
import { keccak256 } from 'viem'
import { connectChain } from '../src/adapters/viemChain.ts'
import { anchorSealed } from '../src/features/evidence/anchor.ts'
import { type Bench, errorCodeOf, until } from './bench.ts'
import { setUpEvidenceBench } from './evidenceBench.ts'

let world: Awaited<ReturnType<typeof setUpEvidenceBench>>
let bench: Bench
before(async () => {
  world = await setUpEvidenceBench()
  bench = world.bench
})
beforeEach(() => {
  world.hook.passes = () => undefined
})
after(() => bench?.tearDown())

/** Has evidence of a stream anchored, in a batch of its own. */
async function anchorStream(nonce: bigint): Promise<PlacedEvidence> {
  const { body, receipt } = await world.runStream(nonce)
  assert.equal((await world.post(body)).status, 200)
  return (await world.anchored(receipt.jobId, 1)).items[0]!
}

describe('batches', () => {
  test('are listed, and whole: the file of each is the one that its data hash names', async () => {
    for (const nonce of [1n, 2n]) await anchorStream(nonce)
    const { batches, anchors: address } = evidenceBatchesSchema.parse(await world.get('/v1/evidence/batches'))
    assert.equal(address, world.anchors())
    const done = batches.filter(({ isAnchored }) => isAnchored)
    assert.ok(done.length > 1)
    for (const [index, { sequence, batch }] of done.slice(0, 5).entries()) {
      const file = evidenceBatchFileSchema.parse(await world.get(`/v1/evidence/batches/${sequence}`))
      assert.equal(evidenceDataHash(file.items), batch.dataHash)
      assert.equal(file.items.length, batch.count)
      const earlier = done[index + 1]
      if (earlier) assert.equal(batch.from, earlier.batch.until)
    }
    assert.equal(
      await errorCodeOf(await fetch(`${bench.coordinator.url}/v1/evidence/batches/99999`)),
      'NOT_FOUND',
    )
    assert.equal(
      await errorCodeOf(await fetch(`${bench.coordinator.url}/v1/evidence/batches/x`)),
      'BAD_REQUEST',
    )
  })

  for (const stage of ['batch-sealed', 'batch-sending', 'batch-sent', 'batch-anchored']) {
    test(`a coordinator that dies at ${stage} anchors the same batch once`, async () => {
      let died: () => void
      const dead = new Promise<void>((resolve) => {
        died = resolve
      })
      let isDead = false
      world.hook.passes = (passed) => {
        isDead ||= passed === stage
        if (!isDead) return
        died()
        throw new DuckMeshError('CANCELLED', 'dead')
      }
      const stream = await world.runStream(BigInt(10 + stage.length))
      await world.post(stream.body)
      await dead
      const { store } = bench.coordinator.container
      const sealed = (await store.batches(1))[0]!
      await bench.restart({ observeEvidence: () => undefined })
      const { items } = await world.anchored(stream.receipt.jobId, 1)
      assert.ok(await world.onChain(items[0]!))
      const { batches } = evidenceBatchesSchema.parse(await world.get('/v1/evidence/batches'))
      assert.deepEqual(batches.find(({ sequence }) => sequence === sealed.sequence)?.batch, sealed.batch)
      await bench.restart(world.overrides)
    })
  }

  test('one that the chain undid is sent again, and what was sealed after it too', async () => {
    const snapshot = await bench.reader.request({ method: 'evm_snapshot' as never })
    const placed = [await anchorStream(3n), await anchorStream(4n)]
    await bench.reader.request({ method: 'evm_revert' as never, params: [snapshot] as never })
    assert.deepEqual(await Promise.all(placed.map(world.onChain)), [false, false])
    for (const one of placed) await until(() => world.onChain(one), 'the same batch is there again')
  })

  test('one whose place another process took with the same key is sealed anew, and nothing of it is lost', async () => {
    let isHeld = false
    world.hook.passes = (stage) => {
      isHeld = stage === 'batch-sending'
      if (isHeld) throw new DuckMeshError('CANCELLED', 'held back')
    }
    const stream = await world.runStream(30n)
    await world.post(stream.body)
    await until(async () => isHeld, 'sealed')
    const [next] = await world.headOf()
    // of the block to come, as the coordinator's: the last one may be as old as the end of the batch before
    const now = Number((await bench.reader.getBlock({ blockTag: 'pending' })).timestamp)
    const { account } = bench.coordinator.container.signer
    const args = [next, keccak256('0xaa'), keccak256('0xbb'), 1, now]
    await bench.write(account, world.anchors(), evidenceAnchorsAbi as never, 'anchor', args)
    world.hook.passes = () => undefined
    const { items } = await world.anchored(stream.receipt.jobId, 1)
    assert.ok(items[0]!.inclusion!.sequence > Number(next))
    assert.ok(await world.onChain(items[0]!))
  })

  test('two processes that send the same batch at one moment anchor it once, and both go on', async () => {
    const { container } = bench.coordinator
    let isHeld = false
    world.hook.passes = (stage) => {
      isHeld = stage === 'batch-sending'
      if (isHeld) throw new DuckMeshError('CANCELLED', 'held back')
    }
    const stream = await world.runStream(31n)
    await world.post(stream.body)
    await until(async () => isHeld, 'sealed')
    const [before] = await world.headOf()
    const other = await connectChain(bench.rpcUrl, bench.deployment.mesh, container.signer.account)
    const both = [container, { ...container, chain: other }].map((process) =>
      anchorSealed({ ...process, observeEvidence: () => undefined }, world.anchors()),
    )
    await Promise.all(both)
    assert.equal((await world.headOf())[0], before + 1n)
    assert.equal((await container.store.openBatches()).length, 0)
    assert.ok(await world.onChain((await world.anchored(stream.receipt.jobId, 1)).items[0]!))
  })
})
