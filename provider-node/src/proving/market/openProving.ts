// Loaded by nodes with PROVING=on alone: behind it are all circuits.
import type { Config } from '../../config.ts'
import type { Clock } from '../../ports/clock.ts'
import { openSealKeys } from '../../privacy/sealKeys.ts'
import { createProver } from '../createProver.ts'
import type { Prover } from '../prover.ts'
import { openProofJournal } from './proofJournal.ts'
import type { Proving } from './proving.ts'

/**
 * Opens prover, journal and seal keys of a node.
 * @param given another prover than the settings ask for
 * @throws DuckMeshError `BAD_CONFIG`, `STORE_UNAVAILABLE`
 */
export async function openProving(config: Config, clock: Clock, given?: Prover): Promise<Proving> {
  const prover = given ?? (await createProver(config))
  try {
    const sealKeys = openSealKeys({ dataDir: config.DATA_DIR, clock })
    return { prover, journal: openProofJournal(config.DATA_DIR), sealKeys }
  } catch (error) {
    await prover.close()
    throw error
  }
}
