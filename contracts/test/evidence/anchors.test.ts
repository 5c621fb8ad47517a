import { expect } from 'chai'
import type { Contract, ContractTransactionResponse } from 'ethers'
import { batchCommitment, type EvidenceBatch } from '../../../protocol/src/evidence/batch.ts'
import {
  buildMerkleTree,
  isIncluded,
  type MerkleTree,
  merklePath,
  merkleRoot,
} from '../../../protocol/src/evidence/merkleTree.ts'
import { expectSnapshot } from '../support/gasSnapshot.ts'
import { connect, ethers, networkHelpers, time, ZERO_HASH } from '../support/mesh.ts'

type Hex = `0x${string}`

/** Most gas of an anchor, whatever the number of leaves. */
const CEILING_GAS = 60_000n

const entriesOf = (count: number, seed = 0): Hex[] =>
  Array.from({ length: count }, (_, index) => ethers.id(`${seed}/${index}`) as Hex)

async function world() {
  const [anchorer, other] = await ethers.getSigners()
  const anchors: Contract = await ethers.deployContract('EvidenceAnchors')
  return { anchors, anchorer: anchorer!, other: other! }
}

/** Anchors a tree as the next batch of a signer. */
async function anchor(anchors: Contract, signer: Parameters<typeof connect>[1], tree: MerkleTree) {
  const address = await signer.getAddress()
  const [sequence, from] = await anchors.headOf(address)
  const until = Math.max(Number(from) + 1, await time.latest())
  const batch: EvidenceBatch = {
    root: merkleRoot(tree),
    dataHash: ethers.id(`data ${sequence}`) as Hex,
    count: tree[0]!.length,
    from: Number(from),
    until,
  }
  const sent = (await connect(anchors, signer).anchor(
    sequence,
    batch.root,
    batch.dataHash,
    batch.count,
    until,
  )) as ContractTransactionResponse
  return { batch, sequence: Number(sequence), sent, address }
}

describe('Evidence anchors', () => {
  it('keep a batch, say so, and go on from it', async () => {
    const { anchors, anchorer } = await networkHelpers.loadFixture(world)
    const first = await anchor(anchors, anchorer, buildMerkleTree(entriesOf(3)))
    const { root, dataHash, count, from, until } = first.batch
    expect(from).to.equal(0)
    await expect(first.sent)
      .to.emit(anchors, 'BatchAnchored')
      .withArgs(first.address, 0, root, dataHash, count, 0, until)
    expect(await anchors.headOf(first.address)).to.deep.equal([1n, BigInt(until)])
    expect(await anchors.commitmentOf(first.address, 0)).to.equal(batchCommitment(first.batch))
    const second = await anchor(anchors, anchorer, buildMerkleTree(entriesOf(1)))
    expect(second.sequence).to.equal(1)
    expect(second.batch.from).to.equal(until)
    expect(await anchors.commitmentOf(first.address, 0)).to.equal(batchCommitment(first.batch))
    expect(await anchors.commitmentOf(first.address, 2)).to.equal(ZERO_HASH)
  })

  it('refuse a batch that is sent again, one that leaves another out, and one that comes too early', async () => {
    const { anchors, anchorer } = await networkHelpers.loadFixture(world)
    const { batch } = await anchor(anchors, anchorer, buildMerkleTree(entriesOf(2)))
    const send = (sequence: number, until: number, count = 2, root: string = batch.root) =>
      connect(anchors, anchorer).anchor(sequence, root, batch.dataHash, count, until)
    const now = () => time.latest()
    await expect(send(0, await now()))
      .to.be.revertedWithCustomError(anchors, 'NotNext')
      .withArgs(1)
    await expect(send(2, await now()))
      .to.be.revertedWithCustomError(anchors, 'NotNext')
      .withArgs(1)
    // the same period again, under another root: there is no such thing
    const otherRoot = ethers.id('other')
    await expect(send(0, batch.until, 2, otherRoot)).to.be.revertedWithCustomError(anchors, 'NotNext')
    await expect(send(1, batch.until, 2, otherRoot))
      .to.be.revertedWithCustomError(anchors, 'BadPeriod')
      .withArgs(batch.until, batch.until)
    const ahead = (await now()) + 1_000
    await expect(send(1, ahead)).to.be.revertedWithCustomError(anchors, 'BadPeriod')
    await expect(send(1, await now(), 0)).to.be.revertedWithCustomError(anchors, 'EmptyBatch')
    await send(1, await now())
  })

  it('of two anchorers are apart', async () => {
    const { anchors, anchorer, other } = await networkHelpers.loadFixture(world)
    const entries = entriesOf(5)
    const tree = buildMerkleTree(entries)
    const mine = await anchor(anchors, anchorer, tree)
    const theirs = await anchor(anchors, other, buildMerkleTree(entriesOf(5, 1)))
    const ask = (who: typeof mine, batch: EvidenceBatch) =>
      anchors.verify(who.address, 0, batch, entries[2], 2, merklePath(tree, 2))
    expect(await ask(mine, mine.batch)).to.equal(true)
    expect(await ask(theirs, theirs.batch)).to.equal(false)
    expect(await ask(theirs, mine.batch)).to.equal(false)
    expect(await ask(mine, theirs.batch)).to.equal(false)
  })

  it('prove each leaf of trees of all shapes, at its place alone', async () => {
    const { anchors, anchorer } = await networkHelpers.loadFixture(world)
    for (const count of [1, 2, 3, 5, 6, 7, 8, 11, 16, 17]) {
      const entries = entriesOf(count, count)
      const tree = buildMerkleTree(entries)
      const { batch, sequence, address } = await anchor(anchors, anchorer, tree)
      for (let index = 0; index < count; index++) {
        const path = merklePath(tree, index)
        const ask = (at: number, siblings = path) =>
          anchors.verify(address, sequence, batch, entries[index], at, siblings)
        expect(await ask(index), `${index} of ${count}`).to.equal(true)
        for (const elsewhere of [index + 1, index ^ 1, count, index + count]) {
          if (elsewhere !== index)
            expect(await ask(elsewhere), `${index} as ${elsewhere} of ${count}`).to.equal(false)
        }
      }
    }
  })

  it('prove nothing by a path that is cut, stretched or changed, nor another leaf or batch', async () => {
    const { anchors, anchorer } = await networkHelpers.loadFixture(world)
    const entries = entriesOf(13)
    const tree = buildMerkleTree(entries)
    const { batch, address } = await anchor(anchors, anchorer, tree)
    const path = merklePath(tree, 12)
    const bad = ethers.id('bad') as Hex
    const ask = (changes: { entry?: Hex; path?: Hex[]; batch?: Partial<EvidenceBatch>; sequence?: number }) =>
      anchors.verify(
        address,
        changes.sequence ?? 0,
        { ...batch, ...changes.batch },
        changes.entry ?? entries[12],
        12,
        changes.path ?? path,
      )
    expect(await ask({})).to.equal(true)
    const refused = [
      { entry: entries[11]! },
      { entry: ZERO_HASH as Hex },
      { sequence: 1 },
      { path: [] },
      { path: path.slice(0, -1) },
      { path: path.slice(1) },
      { path: [...path, bad] },
      { path: Array<Hex>(300).fill(bad) },
      ...path.map((_, at) => ({ path: path.with(at, bad) })),
      { batch: { root: bad } },
      { batch: { count: 14 } },
      { batch: { dataHash: bad } },
      { batch: { from: 1 } },
      { batch: { until: batch.until - 1 } },
    ]
    for (const change of refused) expect(await ask(change), JSON.stringify(change)).to.equal(false)
  })

  it('prove no inner node as a leaf, not even in a batch that says that it has fewer leaves', async () => {
    const { anchors, anchorer } = await networkHelpers.loadFixture(world)
    const tree = buildMerkleTree(entriesOf(4))
    const [, nodes] = tree
    // the same root with another count: an anchorer may lie about its own batch
    const { batch, address } = await anchor(anchors, anchorer, [nodes!, ...tree.slice(2)])
    expect(batch.count).to.equal(2)
    expect(await anchors.verify(address, 0, batch, nodes![0], 0, [nodes![1]])).to.equal(false)
    expect(isIncluded(nodes![0]!, { ...batch, index: 0, path: [nodes![1]!] })).to.equal(false)
  })

  it('answer as the library does, for random proofs with random faults', async () => {
    const { anchors, anchorer } = await networkHelpers.loadFixture(world)
    let held = 0
    for (let round = 0; round < 40; round++) {
      const pick = (below: number, what: string) =>
        Number(BigInt(ethers.id(`${what} ${round}`)) % BigInt(below))
      const count = 1 + pick(40, 'count')
      const entries = entriesOf(count, round)
      const tree = buildMerkleTree(entries)
      const { batch, sequence, address } = await anchor(anchors, anchorer, tree)
      const right = pick(count, 'index')
      const path = merklePath(tree, right)
      const fault = pick(4, 'fault')
      const index = fault === 1 ? pick(count + 2, 'other') : right
      const siblings = fault === 2 ? path.slice(pick(2, 'cut')) : fault === 3 ? path.toReversed() : path
      const wanted = isIncluded(entries[right]!, { ...batch, index, path: siblings })
      held += wanted ? 1 : 0
      const found = await anchors.verify(address, sequence, batch, entries[right], index, siblings)
      expect(found, `round ${round}`).to.equal(wanted)
    }
    expect(held).to.be.within(1, 39)
  })
})

describe('Gas of evidence anchors', () => {
  it('is below the ceiling, the same for 1 and 4,096 leaves, and as committed', async () => {
    const { anchors, anchorer } = await networkHelpers.loadFixture(world)
    const measured: Record<string, bigint> = {}
    const steps: [string, number][] = [
      ['anchor, first of an anchorer', 1],
      ['anchor, 1 leaf', 1],
      ['anchor, 4096 leaves', 4_096],
    ]
    for (const [name, count] of steps) {
      const { sent } = await anchor(anchors, anchorer, buildMerkleTree(entriesOf(count)))
      const receipt = await sent.wait()
      measured[name] = receipt!.gasUsed
    }
    expect(measured['anchor, 4096 leaves']! - measured['anchor, 1 leaf']!).to.be.within(-100n, 100n)
    await expectSnapshot('gas-evidence', measured, { 'anchor, 4096 leaves': CEILING_GAS })
  })
})
