import { keccak_256 } from '@noble/hashes/sha3'
import {
  bytesToHex,
  domainSeparator,
  type HashTypedDataParameters,
  type Hex,
  hashTypedData,
  hexToBytes,
  isAddress,
  stringToBytes,
} from 'viem'

/** Typed data as `hashTypedData` of viem takes it. */
export type Statement = HashTypedDataParameters

type Field = { name: string; type: string }
/** A struct all of whose fields are single words. */
type Layout = { name: string; typeHash: Uint8Array; fields: { name: string; write: Write }[] }
/** Writes a value as a word into 32 zero bytes. @returns false for what the type does not allow */
type Write = (value: unknown, word: Uint8Array) => boolean

/** Layouts by the constant that declares the fields; undefined for structs with other fields than words. */
const layouts = new WeakMap<object, Layout | undefined>()
/** Separators of the domains met, which are the few that a process works with. */
const separators = new Map<string, Uint8Array>()
const MOST_SEPARATORS = 64

/**
 * EIP-712 digest of typed data: what `hashTypedData` of viem gives, at a third of its price for structs whose fields are
 * addresses, unsigned integers, booleans and words, which all statements of the mesh are. Everything else goes to viem.
 * Source: EIP-712, "Definition of hashStruct" and "Definition of encodeData".
 * @throws viem `BaseError` for values that do not fit their type
 */
export function hashStatement(statement: Statement): Hex {
  const { domain, message, primaryType, types } = statement as {
    domain?: Record<string, unknown>
    message: Record<string, unknown>
    primaryType: string
    types: Record<string, readonly Field[]>
  }
  const layout = layoutOf(types, primaryType)
  if (!layout || layout.name !== primaryType || !domain || 'EIP712Domain' in types)
    return hashTypedData(statement)
  const { typeHash, fields } = layout
  const data = new Uint8Array(32 * (fields.length + 1))
  data.set(typeHash)
  for (const [index, { name, write }] of fields.entries()) {
    if (!write(message[name], data.subarray(32 * (index + 1), 32 * (index + 2))))
      return hashTypedData(statement)
  }
  const digest = new Uint8Array(66)
  digest.set([0x19, 0x01])
  digest.set(separatorOf(domain), 2)
  digest.set(keccak_256(data), 34)
  return bytesToHex(keccak_256(digest))
}

function layoutOf(types: Record<string, readonly Field[]>, primaryType: string): Layout | undefined {
  const declared = types[primaryType]
  if (!declared) return undefined
  if (!layouts.has(declared)) layouts.set(declared, newLayout(declared, primaryType))
  return layouts.get(declared)
}

function newLayout(declared: readonly Field[], primaryType: string): Layout | undefined {
  const fields = declared.map(({ name, type }) => ({ name, write: writerOf(type) }))
  if (!fields.every((field): field is Layout['fields'][number] => field.write !== undefined)) return undefined
  const text = `${primaryType}(${declared.map(({ name, type }) => `${type} ${name}`).join(',')})`
  return { name: primaryType, typeHash: keccak_256(stringToBytes(text)), fields }
}

function writerOf(type: string): Write | undefined {
  if (type === 'bytes32') return writeHex(32, isWord)
  if (type === 'address') return writeHex(20, isAddress)
  if (type === 'bool') return writeBoolean
  const bits = /^uint(\d+)$/.exec(type)?.[1]
  return bits === undefined ? undefined : writeUint(1n << BigInt(bits))
}

const isWord = (value: string): boolean => /^0x[0-9a-fA-F]{64}$/.test(value)

const writeHex =
  (bytes: number, isValid: (value: string) => boolean): Write =>
  (value, word) => {
    if (typeof value !== 'string' || !isValid(value)) return false
    word.set(hexToBytes(value as Hex), 32 - bytes)
    return true
  }

const writeBoolean: Write = (value, word) => {
  if (typeof value !== 'boolean') return false
  word[31] = Number(value)
  return true
}

const writeUint =
  (limit: bigint): Write =>
  (value, word) => {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return false
    let left = BigInt(value as bigint | number)
    if (left < 0n || left >= limit) return false
    for (let at = 31; left > 0n; at -= 1) {
      word[at] = Number(left & 0xffn)
      left >>= 8n
    }
    return true
  }

function separatorOf(domain: Record<string, unknown>): Uint8Array {
  const key = JSON.stringify(domain, (_name, value) => (typeof value === 'bigint' ? `${value}n` : value))
  let separator = separators.get(key)
  if (!separator) {
    if (separators.size >= MOST_SEPARATORS) separators.clear()
    separator = hexToBytes(domainSeparator({ domain }))
    separators.set(key, separator)
  }
  return separator
}
