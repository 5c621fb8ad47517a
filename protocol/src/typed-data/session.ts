import type { Address } from 'viem'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of a Session. */
export const sessionTypes = {
  Session: [
    { name: 'account', type: 'address' },
    { name: 'audience', type: 'address' },
    { name: 'expiresAt', type: 'uint40' },
  ],
} as const

/** A short-lived statement "I am this account, talking to this service". */
export type Session = {
  /** Requester's address or provider's signing key. */
  account: Address
  /** Coordinator's address or provider's signing key: a session for one service is useless at another. */
  audience: Address
  /** Unix seconds, at most `limits.maxSessionSeconds` ahead. */
  expiresAt: number
}

/** Typed data of a Session. */
export const sessionTypedData = (domain: MeshDomain, session: Session) =>
  ({ domain: eip712Domain(domain), types: sessionTypes, primaryType: 'Session', message: session }) as const
