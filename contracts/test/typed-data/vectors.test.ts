import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { TypedDataEncoder } from 'ethers'
import { ethers, networkHelpers } from '../support/mesh.ts'
import { commitmentOf, type StructName, types } from '../support/typedData.ts'

interface Vector {
  name: string
  domain: { chainId: number; verifyingContract: string }
  struct: string
  message: Record<string, unknown>
  structHash: string
  digest: string
}

interface PackedVector {
  name: string
  header: string
  items: string
  positions: number[]
  given: { order: Record<string, unknown>; signature: string; outputHash: string; amountWei: string }[]
}

interface CommitmentVector {
  jobId: string
  round: number
  providerId: number
  outputHash: string
  salt: string
  commitment: string
}

const vectorsFolder = new URL('../../../protocol/vectors/', import.meta.url)

async function readVectors<T>(name: string): Promise<T[]> {
  return JSON.parse(await readFile(new URL(name, vectorsFolder), 'utf8')) as T[]
}

function deployHarness() {
  return ethers.deployContract('HashHarness')
}

const onChain = new Set<string>(Object.keys(types))
const vectors = (await readVectors<Vector>('typed-data.json')).filter(({ struct }) => onChain.has(struct))
const commitments = await readVectors<CommitmentVector>('commitment.json')

const batches = await readVectors<PackedVector>('packed.json')

describe('Packed batches in Solidity', () => {
  for (const { name, header, items, positions, given } of batches) {
    it(`are read like the golden vector "${name}"`, async () => {
      const harness = await ethers.deployContract('PackedHarness')
      const found = await harness.getFunction('unpack')(header, items, given.length)
      for (const [index, position] of positions.entries()) {
        const { order, outputHash, amountWei, r, vs } = found[index]
        const wanted = given[position]
        const plain = Object.entries(order.toObject()).map(([field, value]) => [
          field,
          String(value).toLowerCase(),
        ])
        const wantedPlain = Object.entries(wanted.order).map(([field, value]) => [
          field,
          String(value).toLowerCase(),
        ])
        expect(Object.fromEntries(plain)).to.deep.equal(Object.fromEntries(wantedPlain))
        expect([outputHash, amountWei]).to.deep.equal([wanted.outputHash, BigInt(wanted.amountWei)])
        const signature = ethers.Signature.from(wanted.signature)
        expect([r, vs]).to.deep.equal([signature.r, signature.yParityAndS])
      }
    })
  }
})

describe('Typed data in Solidity', () => {
  it('has a golden vector of every struct', () => {
    expect(new Set(vectors.map(({ struct }) => struct))).to.deep.equal(onChain)
  })

  for (const { name, struct, domain, message, structHash, digest } of vectors) {
    it(`hashes the golden vector "${name}"`, async () => {
      const harness = await networkHelpers.loadFixture(deployHarness)
      expect(await harness.getFunction(`hash${struct}`)(message)).to.equal(structHash)
      const found = await harness.getFunction('digest')(domain.chainId, domain.verifyingContract, structHash)
      expect(found).to.equal(digest)
    })
  }

  for (const { jobId, round, providerId, outputHash, salt, commitment } of commitments) {
    it(`commits like the golden vector ${commitment.slice(0, 10)}`, async () => {
      const harness = await networkHelpers.loadFixture(deployHarness)
      const args = [jobId, round, providerId, outputHash, salt] as const
      expect(await harness.getFunction('commitmentOf')(...args)).to.equal(commitment)
      expect(commitmentOf(...args)).to.equal(commitment)
    })
  }

  for (const struct of Object.keys(types) as StructName[]) {
    it(`hashes 25 random ${struct} structs like ethers`, async () => {
      const harness = await networkHelpers.loadFixture(deployHarness)
      for (let run = 0; run < 25; run++) {
        const message = Object.fromEntries(
          types[struct].map(({ name, type }, field) => [name, randomOf(type, `${struct}/${run}/${field}`)]),
        )
        const expected = TypedDataEncoder.hashStruct(struct, { [struct]: types[struct] }, message)
        expect(await harness.getFunction(`hash${struct}`)(message)).to.equal(expected)
      }
    })
  }
})

/** A value of the type from a seed, so that a failing run can be repeated. */
function randomOf(type: string, seed: string): unknown {
  const bytes = ethers.id(seed)
  if (type.endsWith('[]')) {
    const length = Number(BigInt(bytes) % 16n)
    return Array.from({ length }, (_, i) => randomOf(type.slice(0, -2), `${seed}/${i}`))
  }
  if (type === 'bytes32') return bytes
  if (type === 'bytes')
    return ethers.dataSlice(ethers.concat([bytes, bytes, bytes]), 0, Number(BigInt(bytes) % 97n))
  if (type === 'address') return ethers.dataSlice(bytes, 0, 20)
  return BigInt(bytes) & ((1n << BigInt(type.replace('uint', ''))) - 1n)
}
