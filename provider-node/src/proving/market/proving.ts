import type { SealKeys } from '../../privacy/sealKeys.ts'
import type { Prover } from '../prover.ts'
import type { ProofJournal } from './proofJournal.ts'

/** What a node needs to serve the proof market. */
export type Proving = { prover: Prover; journal: ProofJournal; sealKeys: SealKeys }
