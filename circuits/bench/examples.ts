import { poseidon } from '../field/poseidon.ts'
import { allowedSet } from '../predicates/allowedSet.ts'
import type { CircuitInputs } from '../toolchain/witness.ts'
import { infer } from '../zkml/model.ts'
import { loadModel } from '../zkml/models/index.ts'
import { commitModel, commitValues, digest, digitsShape, packWeights } from '../zkml/packing.ts'
import { mnist } from '../zkml/training/mnist.ts'

const ctx = 77n
const salt = 2n ** 150n + 1n
const pixelsOf = (side: 14 | 28) => Array.from(mnist('t10k', side).pixels.subarray(0, side * side))
const packed = packWeights(loadModel('digits'), digitsShape)
/** Inputs and expected public signals of one honest proof for each circuit that is not large. */
export const examples: Record<string, () => { inputs: CircuitInputs; signals: bigint[] }> = {
  'digits-constant': () => {
    const pixels = pixelsOf(14)
    const label = BigInt(infer(loadModel('digits'), pixels).class)
    return { inputs: { ctx, pixels, salt }, signals: [label, commitValues(pixels, 4, salt), ctx] }
  },
  'digits-allowed': () => {
    const pixels = pixelsOf(14)
    return {
      inputs: { ctx, pixels, salt, allowed: 0x3f0 },
      signals: [commitValues(pixels, 4, salt), 0x3f0n, ctx],
    }
  },
  'digits-packed': () => {
    const { inputs, signals } = examples['digits-constant']!()
    const [weights1, weights2] = packed
    return { inputs: { ...inputs, weights1, weights2 }, signals: [...signals, ...weights1, ...weights2] }
  },
  'digits-hidden': () => {
    const [weights1, weights2] = packed
    const { signals } = examples['digits-constant']!()
    const inputs = { ctx, weights1, weights2, modelSalt: 5n, pixels: [pixelsOf(14)], salt: [salt] }
    return { inputs, signals: [signals[0]!, signals[1]!, commitModel(packed, 5n), ctx] }
  },
  'lenet-constant': () => {
    const pixels = pixelsOf(28)
    const label = BigInt(infer(loadModel('lenet'), pixels).class)
    return { inputs: { ctx, pixels, salt }, signals: [label, commitValues(pixels, 4, salt), ctx] }
  },
  'record-range': () => ({
    inputs: { ctx, schema: 3n, low: 18n, high: 120n, value: 40n, salt },
    signals: [poseidon([3n, 40n, salt]), 3n, 18n, 120n, ctx],
  }),
  membership: () => {
    const set = allowedSet([5n, 6n, 7n], 10)
    const inputs = { ctx, root: set.root, value: 6n, salt, children: set.path(6n) }
    return { inputs, signals: [poseidon([6n, salt]), set.root, ctx] }
  },
  'model-integrity-output': () => {
    const digests = packed.map(digest)
    const inputs = { ctx, digest: digests, weights: packed[1], modelSalt: 5n }
    return { inputs, signals: [commitModel(packed, 5n), ...digests, ctx] }
  },
}
