import {
  type Assignment,
  assignmentTypedData,
  type MeshDomain,
  type Session,
  type SlaWindow,
  type StatementKey,
  sessionTypedData,
  slaWindowTypedData,
  statementKey,
  vrfProve,
} from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'

/** The coordinator's key, for the five things it is used for. */
export type Signer = {
  address: Address
  /** Uncompressed public key: what draws are checked against. */
  publicKey: Hex
  /** For gas. */
  account: StatementKey
  signAssignment(domain: MeshDomain, assignment: Assignment): Promise<Hex>
  signSession(domain: MeshDomain, session: Session): Promise<Hex>
  signSlaWindow(domain: MeshDomain, window: SlaWindow): Promise<Hex>
  prove(alpha: Hex): { proof: Hex; output: Hex }
}

/** A signer over a private key in memory. */
export function createSigner(privateKey: Hex): Signer {
  const account = statementKey(privateKey)
  return {
    address: account.address,
    publicKey: account.publicKey,
    account,
    signAssignment: (domain, assignment) => account.signTypedData(assignmentTypedData(domain, assignment)),
    signSession: (domain, session) => account.signTypedData(sessionTypedData(domain, session)),
    signSlaWindow: (domain, window) => account.signTypedData(slaWindowTypedData(domain, window)),
    prove: (alpha) => vrfProve(privateKey, alpha),
  }
}
