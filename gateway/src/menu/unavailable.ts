import { DuckMeshError } from '@duckmesh/protocol'
import type { MenuMode } from './guarantees.ts'

/** Why a mode cannot be had for a request, and what would have to change. */
export type Reason = { code: string; reason: string; fix: string }

/** Modes that no request of this surface can have, however it looks. */
const never: Partial<Record<MenuMode, Reason>> = {
  attested: {
    code: 'NO_ENCLAVE',
    reason: 'No provider on the streaming lane announces an attested signing key.',
    fix: 'Use signed or reference; attested keys are registered on chain, see TeeKeyRegistry.',
  },
  proof: {
    code: 'NO_CIRCUIT',
    reason: 'Language models have no circuit that could be proved in time.',
    fix: 'Order a proof job: classifiers and predicates have circuits, see docs/zk.md.',
  },
}

/** The reason why a mode is never on offer here; undefined for the others. */
export const neverAvailable = (mode: MenuMode): Reason | undefined => never[mode]

/** The error for a request that asks for a mode that it cannot have. */
export function unavailable(mode: MenuMode, why: Reason = never[mode]!): DuckMeshError {
  const { code, reason, fix } = why
  return new DuckMeshError('UNSUPPORTED_MODE', `${mode} is not on offer for this request. ${reason} ${fix}`, {
    param: 'duckmesh.verify',
    mode,
    why: [{ code, reason, fix }],
  })
}
