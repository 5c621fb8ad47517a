import { type Address, type Hex, isAddressEqual } from 'viem'
import { z } from 'zod'
import { limits } from '../constants.ts'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { addressSchema, signatureSchema, unixSecondsSchema } from '../schemas/primitives.ts'
import type { MeshDomain, Signed } from '../typed-data/domain.ts'
import { recover } from '../typed-data/recover.ts'
import { type Session, sessionTypedData } from '../typed-data/session.ts'

const bearerSchema = z.strictObject({
  session: z.strictObject({ account: addressSchema, audience: addressSchema, expiresAt: unixSecondsSchema }),
  signature: signatureSchema,
})

/**
 * The `Authorization` header value that carries a signed session.
 * @example headers.authorization = sessionHeader(session, await account.signTypedData(sessionTypedData(domain, session)))
 */
export function sessionHeader(session: Session, signature: Hex): string {
  return `DuckMesh ${toBase64Url(JSON.stringify({ session, signature }))}`
}

/**
 * Checks an `Authorization` header and tells who is calling.
 * @param header value of the header, undefined when there is none
 * @param audience address of the service that checks
 * @param nowSeconds unix seconds
 * @returns the account that signed
 * @throws DuckMeshError `UNAUTHENTICATED` for a missing, malformed, expired, too long-lived or forged session
 */
export async function authenticate(
  domain: MeshDomain,
  header: string | undefined,
  audience: Address,
  nowSeconds: number,
): Promise<Address> {
  const signed = sessionIn(header)
  if (!signed) throw refused('There is no well-formed session in the Authorization header.')
  const { session, signature } = signed
  if (!isAddressEqual(session.audience, audience)) throw refused('The session is for another service.')
  if (session.expiresAt < nowSeconds) throw refused('The session has expired.')
  if (session.expiresAt > nowSeconds + limits.maxSessionSeconds) throw refused('The session lives too long.')
  const signer = await recover({ ...sessionTypedData(domain, session), signature })
  if (!signer || !isAddressEqual(signer, session.account)) throw refused('The session signature is false.')
  return session.account
}

/** The session that an `Authorization` header carries, not checked; undefined when it is malformed. */
export function sessionIn(header: string | undefined): Signed<{ session: Session }> | undefined {
  return bearerSchema.safeParse(decode(header)).data
}

const refused = (message: string): DuckMeshError => new DuckMeshError('UNAUTHENTICATED', message)

function decode(header: string | undefined): unknown {
  const token = header?.match(/^DuckMesh ([A-Za-z0-9_-]{1,2048})$/)?.[1]
  if (!token) return undefined
  try {
    return JSON.parse(fromBase64Url(token))
  } catch {
    return undefined // not JSON: the schema refuses undefined with one message for all malformed headers
  }
}

const toBase64Url = (text: string): string =>
  btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

const fromBase64Url = (token: string): string => atob(token.replaceAll('-', '+').replaceAll('_', '/'))
