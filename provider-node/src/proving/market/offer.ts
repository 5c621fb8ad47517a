import { HIDDEN_CIRCUIT, PACKED_CIRCUIT } from '@duckmesh/circuits'
import {
  DuckMeshError,
  GROTH16_SELECTOR,
  keyBytes,
  keyIdOf,
  type ProverOffer,
  type SnarkjsKey,
  setupFitsChain,
} from '@duckmesh/protocol'
import type { Config } from '../../config.ts'
import type { LoopContext } from '../../loop/context.ts'
import { createSealing } from '../../privacy/sealing.ts'
import { version } from '../../version.ts'
import { hiddenStatement, packedStatement, type Statement } from './modelStatement.ts'
import type { Proving } from './proving.ts'

/** A circuit that this node proves, under its verifying key or with one model. */
export type ServedCircuit = Statement & { name: string; priceWei: bigint }

/**
 * Makes ready the circuits of the settings. The first time that takes a while: development keys are made.
 * @throws DuckMeshError `BAD_CONFIG` for development keys on a chain that is not local, or a bad model file,
 * `UNKNOWN_CIRCUIT`, `PROVER_FAILED`
 */
export async function servedCircuits(context: LoopContext, { prover }: Proving): Promise<ServedCircuit[]> {
  const { config, chain } = context
  const served: ServedCircuit[] = []
  for (const name of config.PROOF_CIRCUITS) {
    const { verifyingKey, setup } = await prover.keyOf(name)
    if (!setupFitsChain(setup, chain.domain.chainId)) {
      const message = `The key of ${name} was made for development: anybody on its machine could forge proofs.`
      throw new DuckMeshError('BAD_CONFIG', message, { setting: 'PROVER_KEYS', circuit: name })
    }
    const statement = await statementOf(name, verifyingKey, config)
    served.push({ name, priceWei: config.PROOF_PRICE_DUCK, ...statement })
  }
  return served
}

function statementOf(name: string, key: SnarkjsKey, config: Config): Promise<Statement> {
  if (name === PACKED_CIRCUIT) return packedStatement(key, config.PROOF_MODEL)
  if (name === HIDDEN_CIRCUIT) return hiddenStatement(key, config.PROOF_HIDDEN_MODEL)
  const modelId = keyIdOf(keyBytes(key))
  return Promise.resolve({ modelId, selector: GROTH16_SELECTOR, ownInputs: {}, ownRequest: [], weights: [] })
}

/** What this node tells the market. */
export async function proverOffer(
  context: LoopContext,
  { sealKeys }: Proving,
  circuits: ServedCircuit[],
): Promise<ProverOffer> {
  const { chain, config, providerId, signer } = context
  const sealing = createSealing({ keys: sealKeys, account: signer, domain: chain.domain, providerId })
  return {
    proverId: providerId,
    levels: [1, 2, 3],
    capacity: config.PROVER_SLOTS,
    hasGpu: false,
    circuits: circuits.map(({ name, modelId, priceWei }) => ({ name, modelId, priceWei })),
    sealKey: await sealing.announced(),
    version,
  }
}
