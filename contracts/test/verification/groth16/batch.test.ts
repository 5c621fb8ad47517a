import { expect } from 'chai'
import {
  addG1,
  batchOf,
  changed,
  hiddenProduct,
  mulG1,
  negatedG2,
  type Proof,
  Q,
  R,
  readFixture,
  seedOf,
  verifierFixture,
  weightsOf,
} from '../../support/groth16.ts'
import { ethers, networkHelpers } from '../../support/mesh.ts'

const SIZE = 24
const { proofs: all } = hiddenProduct
const loadVerifier = () => networkHelpers.loadFixture(verifierFixture)

/** The answer for the first `size` proofs with some of them replaced. */
async function answer(replace: Record<number, Partial<Proof>>, size = SIZE): Promise<boolean> {
  const { keyId, proofs, inputs } = batchOf(size, replace)
  return (await loadVerifier()).verifyBatch(keyId, proofs, inputs)
}

describe('Groth16 batches', () => {
  for (const size of [1, 2, 3, 32, 64]) {
    it(`of ${size} valid proofs hold`, async () => expect(await answer({}, size)).to.equal(true))
  }

  for (const size of [1, 2, SIZE]) {
    it(`of ${size} are refused for one proof of another statement at any position`, async () => {
      for (let position = 0; position < size; position++) {
        expect(await answer({ [position]: { words: all[40].words } }, size), `${position}`).to.equal(false)
      }
    })

    it(`of ${size} are refused for one wrong input at any position`, async () => {
      for (let position = 0; position < size; position++) {
        const signals = changed(all[position].signals, position % 2, (input) => input + 1n)
        expect(await answer({ [position]: { signals } }, size), `${position}`).to.equal(false)
      }
    })
  }

  it('are refused when two proofs change places', async () => {
    expect(await answer({ 3: { words: all[4].words }, 4: { words: all[3].words } })).to.equal(false)
  })

  it('are refused when the errors of two inputs cancel out', async () => {
    for (const [first, second] of [
      [0, 1],
      [5, 9],
    ] as const) {
      const up = changed(all[first].signals, 0, (input) => input + 1n)
      const down = changed(all[second].signals, 0, (input) => input - 1n)
      expect(await answer({ [first]: { signals: up }, [second]: { signals: down } })).to.equal(false)
    }
  })

  it('are refused when the errors of two points C cancel out', async () => {
    const [c0, c1] = [all[0].words.slice(6), all[1].words.slice(6)]
    const [dx, dy] = all[2].words.slice(6)
    const first = [...all[0].words.slice(0, 6), ...(await addG1(c0, [dx, dy]))]
    const second = [...all[1].words.slice(0, 6), ...(await addG1(c1, [dx, Q - dy]))]
    expect(await answer({ 0: { words: first }, 1: { words: second } })).to.equal(false)
  })

  it('take their weights from a hash over key, proofs and inputs', async () => {
    const harness = await ethers.deployContract('Groth16SeedHarness')
    for (const size of [1, 2, SIZE]) {
      const batch = batchOf(size)
      expect(await harness.seedOf(batch.keyId, batch.proofs, batch.inputs)).to.equal(seedOf(batch))
    }
  })

  it('have weights that depend on every input: errors that cancel out under the honest weights do not', async () => {
    const [first, second] = [2, 5]
    const weights = weightsOf(batchOf(SIZE))
    const other = (index: number, by: bigint) =>
      changed(all[index].signals, 0, (input) => (((input + by) % R) + R) % R)
    const replace = {
      [first]: { signals: other(first, weights[second]) },
      [second]: { signals: other(second, -weights[first]) },
    }
    const weighted = (batch: { inputs: bigint[] }) =>
      (batch.inputs[2 * first] * weights[first] + batch.inputs[2 * second] * weights[second]) % R
    expect(weighted(batchOf(SIZE, replace))).to.equal(weighted(batchOf(SIZE)))
    expect(await answer(replace)).to.equal(false)
  })

  it('have weights that depend on every proof: errors that cancel out under the honest weights do not', async () => {
    const [first, second] = [2, 5]
    const weights = weightsOf(batchOf(SIZE))
    const [x, y] = all[9].words.slice(6)
    const other = async (index: number, point: bigint[], scalar: bigint) => [
      ...all[index].words.slice(0, 6),
      ...(await addG1(all[index].words.slice(6), await mulG1(point, scalar))),
    ]
    const replace = {
      [first]: { words: await other(first, [x, y], weights[second]) },
      [second]: { words: await other(second, [x, Q - y], weights[first]) },
    }
    expect(await answer(replace)).to.equal(false)
  })

  it('accept the twin with A and B negated', async () => {
    const [ax, ay, ...rest] = all[7].words
    const words = [ax, Q - ay, ...negatedG2(rest.slice(0, 4)), ...rest.slice(4)]
    expect(await answer({ 7: { words } })).to.equal(true)
  })

  it('accept the same proof twice: each is true', async () => {
    expect(await answer({ 7: all[8] })).to.equal(true)
  })

  for (const position of [0, SIZE - 1]) {
    it(`refuse A and C off the curve, zero, and coordinates out of the field at position ${position}`, async () => {
      const { words } = all[position]
      const bad = [
        changed(words, 1, (y) => y + 1n),
        changed(words, 7, (y) => y + 1n),
        changed(words, 0, (x) => x + Q),
        changed(words, 5, (y) => y + Q),
        [0n, 0n, ...words.slice(2)],
        [...words.slice(0, 2), 0n, 0n, 0n, 0n, ...words.slice(6)],
      ]
      for (const [kind, garbage] of bad.entries()) {
        expect(await answer({ [position]: { words: garbage } }), `${kind}`).to.equal(false)
      }
    })

    it(`refuse B outside its group at position ${position}`, async () => {
      const { words } = all[position]
      const outside = (await readFixture<string[]>('outsideSubgroup')).map(BigInt)
      const bad = [...words.slice(0, 2), ...outside, ...words.slice(6)]
      expect(await answer({ [position]: { words: bad } })).to.equal(false)
    })

    it(`refuse an input plus the group order at position ${position}`, async () => {
      const signals = changed(all[position].signals, 1, (input) => input + R)
      expect(await answer({ [position]: { signals } })).to.equal(false)
    })
  }

  for (const size of [0, 65]) {
    it(`of ${size} revert`, async () => {
      const verifier = await loadVerifier()
      const proofs = Array.from({ length: size }, () => all[0].words)
      const inputs = Array.from({ length: size }, () => all[0].signals).flat()
      await expect(verifier.verifyBatch(hiddenProduct.keyId, proofs, inputs))
        .to.be.revertedWithCustomError(verifier, 'BadBatchSize')
        .withArgs(size)
    })
  }

  it('revert for an input too few or too many', async () => {
    const verifier = await loadVerifier()
    const { keyId, proofs, inputs } = batchOf(4)
    for (const wrong of [inputs.slice(1), [...inputs, 0n]]) {
      await expect(verifier.verifyBatch(keyId, proofs, wrong))
        .to.be.revertedWithCustomError(verifier, 'WrongInputCount')
        .withArgs(wrong.length, 8)
    }
  })

  it('revert for a key that is not registered', async () => {
    const verifier = await loadVerifier()
    const { proofs, inputs } = batchOf(2)
    await expect(verifier.verifyBatch(ethers.ZeroHash, proofs, inputs))
      .to.be.revertedWithCustomError(verifier, 'UnknownKey')
      .withArgs(ethers.ZeroHash)
  })

  for (const size of [1, 32, 64]) {
    it(`of ${size} need no more gas than the interface says`, async () => {
      const verifier = await loadVerifier()
      const { keyId, proofs, inputs } = batchOf(size)
      const data = verifier.interface.encodeFunctionData('verifyBatch', [keyId, proofs, inputs])
      const intrinsic = ethers.getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 21_000n)
      const gasLimit = intrinsic + 330_000n + 85_000n * BigInt(size) + 2n * 7_000n
      expect(await verifier.verifyBatch(keyId, proofs, inputs, { gasLimit })).to.equal(true)
    })
  }

  it('are never called false for want of gas', async () => {
    const verifier = await loadVerifier()
    const { keyId, proofs, inputs } = batchOf(3)
    let accepted = 0
    for (let gasLimit = 60_000n; gasLimit <= 720_000n; gasLimit += 10_000n) {
      const answered = await verifier.verifyBatch(keyId, proofs, inputs, { gasLimit }).catch(() => 'reverted')
      expect(answered, `${gasLimit}`).to.not.equal(false)
      if (answered === true) accepted++
    }
    expect(accepted).to.be.greaterThan(0)
  })
})
