import { type Address, getAddress, type Hex, isAddress } from 'viem'
import { z } from 'zod'

/** 20-byte address; any letter case in, checksummed out. */
export const addressSchema = z
  .string()
  .refine((text): text is Address => isAddress(text, { strict: false }), { error: 'not an address' })
  .transform((text) => getAddress(text))

/** 32 bytes as lower-case 0x hex. */
export const bytes32Schema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, { error: 'not 32 bytes of hex' })
  .transform((text) => text.toLowerCase() as Hex)

/** 65-byte signature. */
export const signatureSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{130}$/, { error: 'not a 65-byte signature' })
  .transform((text) => text as Hex)

/** Signature of an order; `0x` for one that its requester posted on chain itself, which needs none. */
export const orderSignatureSchema = signatureSchema.or(z.literal('0x'))

/** Hex of any length up to 4 KiB. */
export const hexSchema = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2}){0,4096}$/, { error: 'not hex' })
  .transform((text) => text as Hex)

/** DUCK wei as a decimal string on the wire, uint96. */
export const weiSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,28})$/, { error: 'not a decimal integer' })
  .transform((text) => BigInt(text))
  .refine((value) => value < 1n << 96n, { error: 'more than uint96' })

/** uint64 as a decimal string on the wire. */
export const uint64Schema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,19})$/, { error: 'not a decimal integer' })
  .transform((text) => BigInt(text))
  .refine((value) => value < 1n << 64n, { error: 'more than uint64' })

/** Unix seconds, uint40. */
export const unixSecondsSchema = z
  .int()
  .min(0)
  .max(2 ** 40 - 1)

/** uint32. */
export const uint32Schema = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)

/** uint8. */
export const uint8Schema = z.int().min(0).max(255)

/** Provider id, from 1. */
export const providerIdSchema = z
  .int()
  .min(1)
  .max(2 ** 32 - 1)
