import type { DuckMeshError, ErrorCode } from '@duckmesh/protocol'

/** What the shell is told. */
export const exitCodes = {
  ok: 0,
  /** A check or a job failed. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** Coordinator, node or chain cannot be reached. */
  unreachable: 3,
} as const

const USAGE: ReadonlySet<ErrorCode> = new Set(['BAD_CONFIG', 'BAD_REQUEST', 'MESH_NOT_FOUND'])
const UNREACHABLE: ReadonlySet<ErrorCode> = new Set([
  'SERVICE_UNAVAILABLE',
  'CHAIN_UNAVAILABLE',
  'STORE_UNAVAILABLE',
])

/** Exit code of an error. */
export function exitCodeOf({ code }: DuckMeshError): number {
  if (USAGE.has(code)) return exitCodes.usage
  return UNREACHABLE.has(code) ? exitCodes.unreachable : exitCodes.failed
}
