import { DuckMeshError, parseDuck } from '@duckmesh/protocol'
import { type Address, type Hex, isAddress } from 'viem'

const bad = (name: string, value: string, want: string): DuckMeshError =>
  new DuckMeshError('BAD_REQUEST', `${name} "${value}" is not ${want}.`, { argument: name, value })

/**
 * Reads an amount of DUCK.
 * @returns wei
 * @throws DuckMeshError `BAD_REQUEST`
 */
export function duckArgument(name: string, value: string): bigint {
  if (!/^\d{1,10}(\.\d{1,18})?$/.test(value)) throw bad(name, value, 'an amount of DUCK such as 1.5')
  return parseDuck(value)
}

/** Reads a job id. @throws DuckMeshError `BAD_REQUEST` */
export function jobIdArgument(value: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(value)) throw bad('job id', value, '0x and 64 hex digits')
  return value.toLowerCase() as Hex
}

/** Reads an address. @throws DuckMeshError `BAD_REQUEST` */
export function addressArgument(name: string, value: string): Address {
  if (!isAddress(value)) throw bad(name, value, 'an address')
  return value
}

/** Reads a whole number in a range. @throws DuckMeshError `BAD_REQUEST` */
export function integerArgument(name: string, value: string, least: number, most: number): number {
  const number = Number(value)
  const holds = /^\d+$/.test(value) && number >= least && number <= most
  if (!holds) throw bad(name, value, `a whole number from ${least} to ${most}`)
  return number
}

/** Reads a decimal number in a range. @throws DuckMeshError `BAD_REQUEST` */
export function numberArgument(name: string, value: string, least: number, most: number): number {
  const number = Number(value)
  if (!/^\d+(\.\d+)?$/.test(value) || number < least || number > most) {
    throw bad(name, value, `a number from ${least} to ${most}`)
  }
  return number
}
