import { DuckMeshError, type PrivacyLevel } from '@duckmesh/protocol'
import type { TaskParameters } from '@duckmesh/sdk'
import { bytesToBigInt, type Hex } from 'viem'
import { readDigit } from './readDigit.ts'

/** The circuit whose key holds the classifier. */
export const DIGIT_CIRCUIT = 'digits-constant'

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

/**
 * What to order for the class of an image: the order holds a commitment with a fresh salt, so it tells nothing of the
 * image.
 * @param modelId id of the classifier's verifying key
 */
export async function digitTask(
  pixels: readonly number[],
  modelId: Hex,
  privacyLevel: PrivacyLevel,
): Promise<TaskParameters> {
  // only now: it brings all circuits with it
  const { commitValues } = await import('@duckmesh/circuits')
  const salt = bytesToBigInt(crypto.getRandomValues(new Uint8Array(SALT_BYTES)))
  return {
    circuit: DIGIT_CIRCUIT,
    modelId,
    request: [commitValues([...pixels], BITS, salt)],
    inputs: { pixels: pixels.map(String), salt: String(salt) },
    privacyLevel,
  }
}
