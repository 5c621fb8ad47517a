import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { HiddenModel, Model } from '@duckmesh/circuits'
import {
  DuckMeshError,
  keyBytes,
  keyIdOf,
  type SnarkjsKey,
  setupFitsChain,
  snarkjsKeySchema,
} from '@duckmesh/protocol'
import { bytesToBigInt, type Hex } from 'viem'

/** Below the order of the field. */
const SALT_BYTES = 31

/**
 * Reads a model file for a circuit.
 * @param use what is made of it, e.g. `packModel`
 * @throws DuckMeshError `BAD_REQUEST` for a file that is no model of the circuit
 */
export async function modelFile<T>(path: string, use: (model: Model, text: string) => T): Promise<T> {
  // only now: it brings all circuits with it
  const { readModel } = await import('@duckmesh/circuits')
  try {
    const text = await readFile(path, 'utf8')
    return use(readModel(text), text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DuckMeshError('BAD_REQUEST', `${path}: ${why}`, { argument: 'target' }, { cause })
  }
}

/**
 * Commits to a model with a fresh salt, and writes weights and salt to `<path>.hidden`, for its owner's eyes alone. A file
 * of an earlier call is taken instead, so that a second call means the same model.
 * @throws DuckMeshError `BAD_REQUEST` for a file that is no model, or an earlier one of another model
 */
export async function hideFile(path: string): Promise<{ hidden: HiddenModel; file: string }> {
  const { hiddenModelText, hideModel, readHiddenModel } = await import('@duckmesh/circuits')
  const salt = bytesToBigInt(randomBytes(SALT_BYTES))
  const made = await modelFile(path, (model) => ({
    hidden: hideModel(model, salt),
    text: hiddenModelText(model, salt),
  }))
  const file = `${path}.hidden`
  try {
    await writeFile(file, made.text, { mode: 0o600, flag: 'wx' })
    return { hidden: made.hidden, file }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const hidden = await modelFile(file, (_model, text) => readHiddenModel(text))
  const isSame = (layer: 'weights1' | 'weights2') =>
    `${hidden.inputs[layer]}` === `${made.hidden.inputs[layer]}`
  if (isSame('weights1') && isSame('weights2') && hidden.name === made.hidden.name) return { hidden, file }
  throw new DuckMeshError('BAD_REQUEST', `${file} is of another model: move it away.`, { argument: 'target' })
}

/** Verifying key of `digits-packed`, see {@link circuitKey}. */
export const packedKey = async (path: string | undefined, chainId: number): Promise<SnarkjsKey> =>
  circuitKey(path, chainId, (await import('@duckmesh/circuits')).PACKED_CIRCUIT)

/** Id of the verifying key of `digits-hidden`, see {@link circuitKey}. */
export const hiddenKeyId = async (path: string | undefined, chainId: number): Promise<Hex> =>
  keyIdOf(keyBytes(await circuitKey(path, chainId, (await import('@duckmesh/circuits')).HIDDEN_CIRCUIT)))

/**
 * The verifying key of a circuit: a file, or on a local chain that of this machine.
 * @throws DuckMeshError `BAD_CONFIG` when no key is given on a chain where development keys have no place
 */
async function circuitKey(path: string | undefined, chainId: number, circuit: string): Promise<SnarkjsKey> {
  if (path !== undefined) {
    try {
      return snarkjsKeySchema.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch (cause) {
      throw new DuckMeshError('BAD_CONFIG', `${path} is no verifying key.`, { setting: '--vk' }, { cause })
    }
  }
  if (!setupFitsChain('dev-insecure', chainId)) {
    const message = `Name the verifying key: development keys are refused on chain ${chainId}.`
    throw new DuckMeshError('BAD_CONFIG', message, { setting: '--vk', chainId })
  }
  const { buildCircuits } = await import('@duckmesh/circuits')
  const [built] = await buildCircuits([circuit])
  return snarkjsKeySchema.parse(built!.verifyingKey)
}
