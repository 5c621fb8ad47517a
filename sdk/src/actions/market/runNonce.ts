import { DuckMeshError } from '@duckmesh/protocol'
import { type Address, concat, hexToBigInt, keccak256, slice, stringToHex } from 'viem'

/** Orders of a run that may be paid one after the other's refund: the low byte of the nonce counts them. */
const MOST_GENERATIONS = 256

const RUN_ID = /^[A-Za-z0-9._-]{1,64}$/

/**
 * Order nonce of a run. It follows from account and run id alone, so that two processes, or one that lost its memory,
 * order under the same nonce, and the chain lets one order in.
 * @param generation from 0; the next one only after the order of the last was refunded on chain
 * @throws DuckMeshError `BAD_REQUEST` for a run id that cannot be a file name, or too many refunds
 */
export function runNonce(account: Address, runId: string, generation: number): bigint {
  if (!RUN_ID.test(runId)) {
    const message = 'A run id has 1 to 64 letters, digits, dots, dashes and underscores.'
    throw new DuckMeshError('BAD_REQUEST', message, { runId })
  }
  if (generation >= MOST_GENERATIONS) {
    throw new DuckMeshError('BAD_REQUEST', 'Every order of this run was refunded; begin another.', { runId })
  }
  const word = hexToBigInt(slice(keccak256(concat([account, stringToHex(runId)])), 0, 7))
  return (word << 8n) | BigInt(generation)
}
