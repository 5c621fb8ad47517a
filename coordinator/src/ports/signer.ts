import {
  type Assignment,
  assignmentTypedData,
  type MeshDomain,
  type Session,
  sessionTypedData,
  vrfProve,
} from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'

/** The coordinator's key, for the four things it is used for. */
export type Signer = {
  address: Address
  /** Uncompressed public key: what draws are checked against. */
  publicKey: Hex
  /** For gas. */
  account: PrivateKeyAccount
  signAssignment(domain: MeshDomain, assignment: Assignment): Promise<Hex>
  signSession(domain: MeshDomain, session: Session): Promise<Hex>
  prove(alpha: Hex): { proof: Hex; output: Hex }
}

/** A signer over a private key in memory. */
export function createSigner(privateKey: Hex): Signer {
  const account = privateKeyToAccount(privateKey)
  return {
    address: account.address,
    publicKey: account.publicKey,
    account,
    signAssignment: (domain, assignment) => account.signTypedData(assignmentTypedData(domain, assignment)),
    signSession: (domain, session) => account.signTypedData(sessionTypedData(domain, session)),
    prove: (alpha) => vrfProve(privateKey, alpha),
  }
}
