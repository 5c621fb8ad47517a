import {
  BaseError,
  ContractFunctionRevertedError,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  TimeoutError,
  toFunctionSelector,
} from 'viem'
import { formatAbiItem } from 'viem/utils'
import { duckTokenAbi } from '../generated/abi.ts'
import { DuckMeshError } from './duckMeshError.ts'

/**
 * Turns what viem throws for a read, simulation or transaction into a typed error.
 * A contract revert becomes `CHAIN_REVERTED` with the Solidity error name in `details.reason` and its arguments
 * in `details.args`; a transport fault becomes `CHAIN_UNAVAILABLE`.
 * @param thrown what was caught
 * @param action what was tried, for the message, e.g. `'anchorSeats'`
 */
export function chainError(thrown: unknown, action: string): DuckMeshError {
  if (thrown instanceof DuckMeshError) return thrown
  if (thrown instanceof BaseError) {
    const revert = thrown.walk((error) => error instanceof ContractFunctionRevertedError)
    if (revert instanceof ContractFunctionRevertedError) {
      const data = revert.data ?? tokenError(revert.raw)
      const reason = data?.errorName ?? revert.reason ?? revert.signature ?? 'unknown'
      const args = (data?.args ?? []).map(String)
      const message = `The contract refused ${action}: ${reason}(${args.join(', ')}).`
      return new DuckMeshError('CHAIN_REVERTED', message, { action, reason, args }, { cause: thrown })
    }
    const transport = thrown.walk(
      (error) => error instanceof HttpRequestError || error instanceof TimeoutError,
    )
    if (transport) {
      const message = `The chain did not answer while trying ${action}.`
      return new DuckMeshError('CHAIN_UNAVAILABLE', message, { action }, { cause: thrown })
    }
  }
  const message = thrown instanceof Error ? thrown.message.split('\n')[0]! : String(thrown)
  return new DuckMeshError('UPSTREAM_ERROR', `${action} failed: ${message}`, { action }, { cause: thrown })
}

// a call of DuckMesh that moves tokens may be refused by the token, whose errors are not in the ABI of DuckMesh
function tokenError(
  data: Hex | undefined,
): { errorName: string; args?: readonly unknown[] | undefined } | undefined {
  const names = data ? duckTokenAbi.filter((item) => item.type === 'error') : []
  const known = names.some((item) => data?.startsWith(toFunctionSelector(formatAbiItem(item))))
  return data && known ? decodeErrorResult({ abi: duckTokenAbi, data }) : undefined
}
