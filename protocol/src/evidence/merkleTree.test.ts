import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Hex, keccak256, numberToHex, sha256 } from 'viem'
import { buildMerkleTree, isIncluded, merkleLeaf, merklePath, merkleRoot } from './merkleTree.ts'

/** Inputs and roots of the reference tests of Certificate Transparency, which are made with SHA-256. */
const published: { entries: Hex[]; roots: Hex[] } = {
  entries: [
    '0x',
    '0x00',
    '0x10',
    '0x2021',
    '0x3031',
    '0x40414243',
    '0x5051525354555657',
    '0x606162636465666768696a6b6c6d6e6f',
  ],
  roots: [
    '0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    '0xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    '0xaeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    '0xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '0x4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '0x76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    '0xddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
}

const entriesOf = (count: number): Hex[] =>
  Array.from({ length: count }, (_, index) => keccak256(numberToHex(index, { size: 4 })))

const proofOf = (entries: Hex[], index: number) => {
  const tree = buildMerkleTree(entries)
  return { root: merkleRoot(tree), count: entries.length, index, path: merklePath(tree, index) }
}

describe('the Merkle tree', () => {
  it('default: has the published roots of RFC 9162 trees, and every leaf of each is included', () => {
    for (const [last, root] of published.roots.entries()) {
      const entries = published.entries.slice(0, last + 1)
      const tree = buildMerkleTree(entries, sha256)
      assert.equal(merkleRoot(tree), root)
      for (const [index, entry] of entries.entries()) {
        const proof = { root, count: entries.length, index, path: merklePath(tree, index) }
        assert.ok(isIncluded(entry, proof, sha256), `${index} of ${entries.length}`)
      }
    }
  })

  it('behavior: proves every leaf of every size, and at no other place', () => {
    for (let count = 1; count <= 33; count++) {
      const entries = entriesOf(count)
      for (let index = 0; index < count; index++) {
        const proof = proofOf(entries, index)
        assert.ok(isIncluded(entries[index]!, proof))
        for (let other = -1; other <= count; other++) {
          if (other !== index) assert.ok(!isIncluded(entries[index]!, { ...proof, index: other }))
        }
      }
    }
  })

  it('error: a path that is cut, stretched or changed does not hold, nor one for another count or root', () => {
    const entries = entriesOf(13)
    const proof = proofOf(entries, 5)
    const entry = entries[5]!
    const bad = keccak256('0xbad0')
    const changes = [
      { path: proof.path.slice(0, -1) },
      { path: proof.path.slice(1) },
      { path: [...proof.path, bad] },
      { path: proof.path.toReversed() },
      ...proof.path.map((_, at) => ({ path: proof.path.with(at, bad) })),
      { root: bad },
      { count: 5 },
      { count: 32 },
    ]
    for (const change of changes) assert.ok(!isIncluded(entry, { ...proof, ...change }))
    assert.ok(!isIncluded(bad, proof))
  })

  it('error: an inner node does not pass for a leaf', () => {
    const entries = entriesOf(4)
    const [leaves, nodes] = buildMerkleTree(entries)
    const { root } = proofOf(entries, 0)
    const path = [nodes![1]!]
    // the node over leaves 0 and 1, given as the entry of a tree of two
    assert.ok(!isIncluded(nodes![0]!, { root, count: 2, index: 0, path }))
    // and the bytes below it, whose leaf has another prefix
    const below = `0x${leaves![0]!.slice(2)}${leaves![1]!.slice(2)}` as Hex
    assert.ok(!isIncluded(below, { root, count: 2, index: 0, path }))
    assert.notEqual(merkleLeaf(below), nodes![0])
  })
})
