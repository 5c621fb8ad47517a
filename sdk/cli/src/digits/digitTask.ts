import { DuckMeshError, GROTH16_SELECTOR, MODEL_SELECTOR, type PrivacyLevel } from '@duckmesh/protocol'
import type { TaskParameters } from '@duckmesh/sdk'
import { bytesToBigInt, type Hex } from 'viem'
import { readDigit } from './readDigit.ts'

/**
 * How the classifier is bound to a proof: by the verifying key, as a registered model with public weights, or by a
 * registered commitment to hidden ones.
 */
export const digitModes = {
  constant: { circuit: 'digits-constant', selector: GROTH16_SELECTOR },
  packed: { circuit: 'digits-packed', selector: MODEL_SELECTOR },
  hidden: { circuit: 'digits-hidden', selector: GROTH16_SELECTOR },
} as const
export type DigitMode = keyof typeof digitModes

const BITS = 4
/** Below the order of the group. */
const SALT_BYTES = 31

/**
 * Reads the image that is to be proved: a file, or one of the 10,000 test images of MNIST, which a checkout has.
 * @throws DuckMeshError `BAD_REQUEST`
 */
export async function digitImage(path: string | undefined, index: number | undefined): Promise<number[]> {
  if ((path === undefined) === (index === undefined)) {
    throw new DuckMeshError('BAD_REQUEST', 'Give either an image or --mnist.', { argument: 'image' })
  }
  if (path !== undefined) return readDigit(path)
  const { mnist } = await import('@duckmesh/circuits/mnist')
  const { pixels, size } = mnist('t10k', 14)
  return Array.from(pixels.subarray(index! * size, (index! + 1) * size))
}

/** The classifier that an order names. */
export type DigitModel = {
  mode: DigitMode
  /** Id of its verifying key, or of the registered model with public weights. */
  modelId: Hex
  /** Of a hidden model. */
  commitment?: bigint | undefined
}

/**
 * What to order for the class of an image: the order holds a commitment with a fresh salt, so it tells nothing of the
 * image.
 */
export async function digitTask(
  pixels: readonly number[],
  { mode, modelId, commitment }: DigitModel,
  privacyLevel: PrivacyLevel,
): Promise<TaskParameters> {
  // only now: it brings all circuits with it
  const { commitValues } = await import('@duckmesh/circuits')
  const salt = bytesToBigInt(crypto.getRandomValues(new Uint8Array(SALT_BYTES)))
  const committed = commitValues([...pixels], BITS, salt)
  const inputs = { pixels: pixels.map(String), salt: String(salt) }
  // the circuit of hidden models classifies a list of images; this one has one
  const isHidden = commitment !== undefined
  return {
    ...digitModes[mode],
    modelId,
    request: isHidden ? [committed, commitment] : [committed],
    inputs: isHidden ? { pixels: [inputs.pixels], salt: [inputs.salt] } : inputs,
    privacyLevel,
  }
}
