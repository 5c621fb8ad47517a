import { expect } from 'chai'
import {
  type Circuit,
  changed,
  factors,
  forged,
  hiddenProduct,
  negatedG2,
  product,
  Q,
  R,
  readFixture,
  verifierFixture,
} from '../../support/groth16.ts'
import { ethers, networkHelpers } from '../../support/mesh.ts'

const [valid] = product.proofs
const WORDS = ['A.x', 'A.y', 'B.x imaginary', 'B.x real', 'B.y imaginary', 'B.y real', 'C.x', 'C.y']
const INPUTS = ['product', 'a', 'b', 'context']

const loadVerifier = () => networkHelpers.loadFixture(verifierFixture)

/** The answer for the proof of `product` with other words or inputs. */
async function answer(words: bigint[], inputs = valid.signals, circuit: Circuit = product): Promise<boolean> {
  return (await loadVerifier()).verify(circuit.keyId, words, inputs)
}

describe('Groth16 verification', () => {
  for (const { keyId, proofs } of [factors, hiddenProduct, product]) {
    it(`accepts a proof of a circuit with ${proofs[0].signals.length} public input(s)`, async () => {
      const verifier = await loadVerifier()
      expect(await verifier.verify(keyId, proofs[0].words, proofs[0].signals)).to.equal(true)
    })
  }

  for (const [index, name] of WORDS.entries()) {
    it(`refuses a proof with another ${name}`, async () => {
      expect(await answer(changed(valid.words, index, (word) => word + 1n))).to.equal(false)
    })

    it(`refuses ${name} plus the field order, which is the same coordinate`, async () => {
      expect(await answer(changed(valid.words, index, (word) => word + Q))).to.equal(false)
    })
  }

  for (const [index, name] of INPUTS.entries()) {
    it(`refuses another ${name}`, async () => {
      expect(
        await answer(
          valid.words,
          changed(valid.signals, index, (input) => input + 1n),
        ),
      ).to.equal(false)
    })

    it(`refuses ${name} plus the group order, which is the same number in the circuit`, async () => {
      expect(
        await answer(
          valid.words,
          changed(valid.signals, index, (input) => input + R),
        ),
      ).to.equal(false)
    })
  }

  it('refuses inputs in another order', async () => {
    const [result, a, b, context] = valid.signals
    expect(await answer(valid.words, [result, b, a, context])).to.equal(false)
  })

  for (const [name, from, to] of [
    ['A', 0, 2],
    ['B', 2, 6],
    ['C', 6, 8],
  ] as const) {
    it(`refuses zero as ${name}`, async () => {
      const words = valid.words.map((word, index) => (index >= from && index < to ? 0n : word))
      expect(await answer(words)).to.equal(false)
    })
  }

  it('refuses A and C with the sign of one of them changed', async () => {
    expect(await answer(changed(valid.words, 1, (y) => Q - y))).to.equal(false)
    expect(await answer(changed(valid.words, 7, (y) => Q - y))).to.equal(false)
  })

  it('refuses B with its halves in the order of snarkjs', async () => {
    const [ax, ay, x1, x0, y1, y0, cx, cy] = valid.words
    expect(await answer([ax, ay, x0, x1, y0, y1, cx, cy])).to.equal(false)
  })

  it('refuses B on the twist but outside the group', async () => {
    const outside = (await readFixture<string[]>('outsideSubgroup')).map(BigInt)
    expect(await answer([...valid.words.slice(0, 2), ...outside, ...valid.words.slice(6)])).to.equal(false)
  })

  it('refuses a proof under another key', async () => {
    expect(await answer(valid.words, valid.signals, forged)).to.equal(false)
  })

  it('refuses a proof or a statement with any one bit changed', async () => {
    const verifier = await loadVerifier()
    const all = [...valid.words, ...valid.signals]
    for (let run = 0; run < 150; run++) {
      const seed = BigInt(ethers.id(`bit ${run}`))
      const flipped = changed(all, Number(seed % 12n), (word) => word ^ (1n << ((seed >> 8n) % 256n)))
      const answered = await verifier.verify(product.keyId, flipped.slice(0, 8), flipped.slice(8))
      expect(answered, `run ${run}`).to.equal(false)
    }
  })

  it('accepts the twin with A and B negated, so a proof is no id of a statement', async () => {
    const twin = changed(valid.words, 1, (y) => Q - y)
    twin.splice(2, 4, ...negatedG2(twin.slice(2, 6)))
    expect(twin).to.not.deep.equal(valid.words)
    expect(await answer(twin)).to.equal(true)
  })

  it('reverts for a key that is not registered', async () => {
    const verifier = await loadVerifier()
    const unknown = ethers.id('unknown')
    await expect(verifier.verify(unknown, valid.words, valid.signals))
      .to.be.revertedWithCustomError(verifier, 'UnknownKey')
      .withArgs(unknown)
  })

  for (const inputs of [[], valid.signals.slice(0, 3), [...valid.signals, 0n]]) {
    it(`reverts for ${inputs.length} inputs where the circuit has 4`, async () => {
      const verifier = await loadVerifier()
      await expect(verifier.verify(product.keyId, valid.words, inputs))
        .to.be.revertedWithCustomError(verifier, 'WrongInputCount')
        .withArgs(inputs.length, 4)
    })
  }

  it('reverts for calldata that ends too early', async () => {
    const verifier = await loadVerifier()
    const data = verifier.interface.encodeFunctionData('verify', [product.keyId, valid.words, valid.signals])
    const to = await verifier.getAddress()
    const bytes = ethers.dataLength(data)
    for (const length of [bytes - 1, bytes - 32, 4 + 32 * 9, 4 + 32, 4]) {
      const called = ethers.provider.call({ to, data: ethers.dataSlice(data, 0, length) })
      await expect(called, `${length}`).to.be.revertedWithoutReason(ethers)
    }
  })

  it('needs no more gas than the interface says', async () => {
    const verifier = await loadVerifier()
    for (const { keyId, proofs } of [factors, hiddenProduct, product]) {
      const [{ words, signals }] = proofs
      const data = verifier.interface.encodeFunctionData('verify', [keyId, words, signals])
      const intrinsic = ethers.getBytes(data).reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 21_000n)
      const gasLimit = intrinsic + 390_000n + 7_000n * BigInt(signals.length)
      expect(await verifier.verify(keyId, words, signals, { gasLimit })).to.equal(true)
    }
  })

  it('never calls a valid proof false for want of gas', async () => {
    const verifier = await loadVerifier()
    let accepted = 0
    for (let gasLimit = 60_000n; gasLimit <= 480_000n; gasLimit += 4_000n) {
      const answered = await verifier
        .verify(product.keyId, valid.words, valid.signals, { gasLimit })
        .catch(() => 'reverted')
      expect(answered, `${gasLimit}`).to.not.equal(false)
      if (answered === true) accepted++
    }
    expect(accepted).to.be.greaterThan(0)
    await expect(
      verifier.verify(product.keyId, valid.words, valid.signals, { gasLimit: 300_000n }),
    ).to.be.revertedWithCustomError(verifier, 'NotEnoughGas')
  })
})
