import { readFile, stat } from 'node:fs/promises'
import { loadModel, PACKED_WEIGHTS, packModel, readHiddenModel, readModel } from '@duckmesh/circuits'
import {
  architectureOf,
  DuckMeshError,
  GROTH16_SELECTOR,
  keyBytes,
  keyIdOf,
  MODEL_SELECTOR,
  modelIdOf,
  type ProofSelector,
  type SnarkjsKey,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'

/** What proofs of a circuit are about, and what of it is this node's part. */
export type Statement = {
  /** Id of the key, or of the model. */
  modelId: Hex
  /** Who verifies its proofs. */
  selector: ProofSelector
  /** Inputs that this node brings. */
  ownInputs: Record<string, string[] | string>
  /** Last signals of a request: the commitment to a hidden model, which the buyer asks for. */
  ownRequest: readonly bigint[]
  /** Public signals behind the context: the weights of a model. */
  weights: readonly bigint[]
}

/** Permission bits of everybody but the owner. */
const OTHERS = 0o077

/**
 * What this node proves about its model with public weights. The id follows from the weights, so an order for another model
 * does not fit; whether the model is registered, the chain says.
 * @param verifyingKey of the circuit
 * @param path file of the model; default the classifier of digits that ships
 * @throws DuckMeshError `BAD_CONFIG` for a file that is none, or of another shape
 */
export const packedStatement = (verifyingKey: SnarkjsKey, path?: string): Promise<Statement> =>
  naming('PROOF_MODEL', async () => {
    const model = path === undefined ? loadModel('digits') : readModel(await readFile(path, 'utf8'))
    const { weights, inputs, metadataHash } = packModel(model)
    const modelId = modelIdOf(architectureOf(verifyingKey, PACKED_WEIGHTS), weights, metadataHash)
    return { modelId, selector: MODEL_SELECTOR, ownInputs: inputs, ownRequest: [], weights }
  })

/**
 * What this node proves about a model that it hides: orders name its commitment at the end of their request.
 * @throws DuckMeshError `BAD_CONFIG` for no file, one that others may read, or one that is none; never with what is in it
 */
export const hiddenStatement = (verifyingKey: SnarkjsKey, path?: string): Promise<Statement> =>
  naming('PROOF_HIDDEN_MODEL', async () => {
    if (path === undefined) throw new RangeError('no file is named.')
    if (((await stat(path)).mode & OTHERS) !== 0) throw new RangeError('others may read the file: chmod 600.')
    const { inputs, commitment } = readHiddenModel(await readFile(path, 'utf8'))
    const modelId = keyIdOf(keyBytes(verifyingKey))
    return {
      modelId,
      selector: GROTH16_SELECTOR,
      ownInputs: inputs,
      ownRequest: [commitment],
      weights: [],
    }
  })

async function naming<T>(setting: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DuckMeshError('BAD_CONFIG', `The model cannot be served: ${why}`, { setting }, { cause })
  }
}
