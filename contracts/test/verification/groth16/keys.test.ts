import { expect } from 'chai'
import { keyBytes, keyIdOf, type SnarkjsKey } from '../../../../protocol/src/groth16/verifyingKey.ts'
import {
  changed,
  forged,
  keyOfWords,
  negatedG2,
  product,
  Q,
  readFixture,
  type Verifier,
  wordsOfKey,
} from '../../support/groth16.ts'
import { connect, ethers, networkHelpers } from '../../support/mesh.ts'

const ALPHA = 0
const BETA = 2
const GAMMA = 6
const DELTA = 10
const CONSTANT = 14
const words = wordsOfKey(product.key)
/** An input point of the key, as good as any other. */
const inputPoint = words.slice(CONSTANT + 2, CONSTANT + 4)

async function emptyVerifier(): Promise<Verifier> {
  return (await ethers.deployContract('Groth16Verifier')) as unknown as Verifier
}
const loadVerifier = () => networkHelpers.loadFixture(emptyVerifier)

/** The key with the words from `from` on replaced. */
const withWords = (from: number, ...other: bigint[]) => words.toSpliced(from, other.length, ...other)
const g2At = (from: number) => words.slice(from, from + 4)

async function expectRefused(key: bigint[], error: string, ...args: unknown[]): Promise<void> {
  const verifier = await loadVerifier()
  const sent = verifier.registerKey(keyOfWords(key))
  const refused = expect(sent).to.be.revertedWithCustomError(verifier, error)
  await (args.length > 0 ? refused.withArgs(...args) : refused)
}

describe('Groth16 keys', () => {
  it('are stored by anybody under the id that the library computes', async () => {
    const verifier = await loadVerifier()
    const stranger = (await ethers.getSigners())[9]
    const registered = connect(verifier, stranger).registerKey(product.key)
    const pointer = ethers.getCreate2Address(await verifier.getAddress(), ethers.ZeroHash, product.keyId)
    await expect(registered).to.emit(verifier, 'KeyRegistered').withArgs(product.keyId, pointer, 4)
    expect([...(await verifier.keyOf(product.keyId))]).to.deep.equal([pointer, 4n])
    expect(await ethers.provider.getCode(pointer)).to.equal(ethers.concat(['0x00', product.key]))
  })

  it('have the same id in every verifier', async () => {
    for (const verifier of [await emptyVerifier(), await emptyVerifier()]) {
      expect(await verifier.registerKey.staticCall(product.key)).to.equal(product.keyId)
    }
  })

  it('stay as they are when registered again', async () => {
    const verifier = await loadVerifier()
    await verifier.registerKey(product.key)
    expect(await verifier.registerKey.staticCall(product.key)).to.equal(product.keyId)
    await expect(verifier.registerKey(product.key)).to.not.emit(verifier, 'KeyRegistered')
  })

  it('do nothing when called', async () => {
    const verifier = await loadVerifier()
    await verifier.registerKey(product.key)
    const [to] = await verifier.keyOf(product.keyId)
    expect(await ethers.provider.call({ to, data: '0x12345678' })).to.equal('0x')
  })

  it('are unknown before they are registered', async () => {
    const verifier = await loadVerifier()
    await expect(verifier.keyOf(product.keyId))
      .to.be.revertedWithCustomError(verifier, 'UnknownKey')
      .withArgs(product.keyId)
  })

  it('have at most 64 inputs', async () => {
    const verifier = await loadVerifier()
    const withInputs = (count: number) => [
      ...words.slice(0, CONSTANT + 2),
      ...Array.from({ length: count }, () => inputPoint).flat(),
    ]
    const largest = keyOfWords(withInputs(64))
    await verifier.registerKey(largest)
    expect((await verifier.keyOf(keyIdOf(largest)))[1]).to.equal(64n)
    await expectRefused(withInputs(65), 'BadKeyLength', 32 * (CONSTANT + 2 + 2 * 65))
  })

  for (const [name, count] of [
    ['nothing', 0],
    ['a key without points', CONSTANT],
    ['a key without inputs', CONSTANT + 2],
    ['half a point', CONSTANT + 5],
  ] as const) {
    it(`refuses ${name}`, () => expectRefused(words.slice(0, count), 'BadKeyLength', 32 * count))
  }

  it('refuses a byte too many', async () => {
    const verifier = await loadVerifier()
    await expect(verifier.registerKey(ethers.concat([product.key, '0x00'])))
      .to.be.revertedWithCustomError(verifier, 'BadKeyLength')
      .withArgs(32 * words.length + 1)
  })

  for (const [name, word] of [
    ['alpha', ALPHA],
    ['the constant point', CONSTANT],
    ['the first input point', CONSTANT + 2],
    ['the last input point', words.length - 2],
  ] as const) {
    it(`refuses zero as ${name}`, () => expectRefused(withWords(word, 0n, 0n), 'BadKeyPoint', word))
    it(`refuses ${name} off the curve`, () =>
      expectRefused(
        changed(words, word + 1, (y) => y + 1n),
        'BadKeyPoint',
        word,
      ))
    it(`refuses ${name} with x plus the field order`, () =>
      expectRefused(
        changed(words, word, (x) => x + Q),
        'BadKeyPoint',
        word,
      ))
  }

  for (const [name, word] of [
    ['beta', BETA],
    ['gamma', GAMMA],
    ['delta', DELTA],
  ] as const) {
    it(`refuses zero as ${name}`, () => expectRefused(withWords(word, 0n, 0n, 0n, 0n), 'BadKeyPoint', word))
    it(`refuses ${name} with a coordinate plus the field order`, () =>
      expectRefused(
        changed(words, word + 3, (y) => y + Q),
        'BadKeyPoint',
        word,
      ))
    it(`refuses ${name} off the twist`, () =>
      expectRefused(
        changed(words, word + 3, (y) => y + 1n),
        'BadKeyPoint',
        BETA,
      ))
    it(`refuses ${name} outside the group`, async () => {
      const outside = (await readFixture<string[]>('outsideSubgroup')).map(BigInt)
      await expectRefused(withWords(word, ...outside), 'BadKeyPoint', BETA)
    })
  }

  it('refuses the key of a circuit whose phase 2 nobody contributed to', async () => {
    const verifier = await loadVerifier()
    const key = keyBytes(await readFixture<SnarkjsKey>('uncontributed'))
    await expect(verifier.registerKey(key)).to.be.revertedWithCustomError(verifier, 'ForgeableKey')
  })

  for (const [name, to, from] of [
    ['delta equal to gamma', DELTA, GAMMA],
    ['beta equal to gamma', BETA, GAMMA],
    ['beta equal to delta', BETA, DELTA],
  ] as const) {
    it(`refuses ${name}`, () => expectRefused(withWords(to, ...g2At(from)), 'ForgeableKey'))
    it(`refuses ${name} up to the sign`, () =>
      expectRefused(withWords(to, ...negatedG2(g2At(from))), 'ForgeableKey'))
  }

  it('refuses the generator as delta, also when gamma is another point', async () => {
    // snarkjs always takes the generator as gamma
    const generator = g2At(GAMMA)
    const swapped = withWords(DELTA, ...generator).toSpliced(GAMMA, 4, ...g2At(DELTA))
    await expectRefused(swapped, 'ForgeableKey')
    await expectRefused(swapped.toSpliced(DELTA, 4, ...negatedG2(generator)), 'ForgeableKey')
  })

  it('cannot tell a made-up key, under which a false proof holds, but never under the honest id', async () => {
    const verifier = await loadVerifier()
    await verifier.registerKey(product.key)
    await verifier.registerKey(forged.key)
    const [{ words: proof, signals }] = forged.proofs
    expect(signals.slice(0, 3)).to.deep.equal([1n, 6n, 7n])
    expect(await verifier.verify(forged.keyId, proof, signals)).to.equal(true)
    expect(await verifier.verify(product.keyId, proof, signals)).to.equal(false)
  })
})
