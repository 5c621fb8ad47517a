import { DuckMeshError, keyBytes, keyIdOf, type ProverOffer, setupFitsChain } from '@duckmesh/protocol'
import type { LoopContext } from '../../loop/context.ts'
import { createSealing } from '../../privacy/sealing.ts'
import { version } from '../../version.ts'
import type { Proving } from './proving.ts'

/** A circuit that this node proves, under its verifying key. */
export type ServedCircuit = { name: string; modelId: `0x${string}`; priceWei: bigint }

/**
 * Makes ready the circuits of the settings. The first time that takes a while: development keys are made.
 * @throws DuckMeshError `BAD_CONFIG` for development keys on a chain that is not local, `UNKNOWN_CIRCUIT`, `PROVER_FAILED`
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
    served.push({ name, modelId: keyIdOf(keyBytes(verifyingKey)), priceWei: config.PROOF_PRICE_DUCK })
  }
  return served
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
    circuits,
    sealKey: await sealing.announced(),
    version,
  }
}
