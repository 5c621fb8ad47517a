import { addressSchema, bytes32Schema, uint64Schema, weiSchema } from '@duckmesh/protocol'
import { z } from 'zod'

/** An ERC-3009 authorization as it stands in a row. */
export const authorizationSchema = z.strictObject({
  from: addressSchema,
  to: addressSchema,
  value: weiSchema,
  validAfter: uint64Schema,
  validBefore: uint64Schema,
  nonce: bytes32Schema,
})
