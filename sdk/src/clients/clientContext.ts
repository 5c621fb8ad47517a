import {
  type CoordinatorInfo,
  DuckMeshError,
  type MeshDomain,
  type Session,
  sessionHeader,
  sessionTypedData,
} from '@duckmesh/protocol'
import type { LimitFunction } from 'p-limit'
import type { Account, Address, Chain, PublicClient, Transport, WalletClient } from 'viem'
import { walletError } from '../chain/walletError.ts'
import type { CoordinatorClient } from '../transport/coordinatorClient.ts'
import type { Fetch } from '../transport/requestJson.ts'
import type { NonceSource } from './nonceSource.ts'

/** A viem wallet with an account. */
export type Wallet = WalletClient<Transport, Chain, Account>

/** Everything that an action works with. Actions take it as their first argument and keep nothing themselves. */
export type ClientContext = {
  coordinator: CoordinatorClient
  /** Terms of the coordinator at the time of connecting. */
  info: CoordinatorInfo
  /** Chain id and DuckMesh address: the EIP-712 domain of all statements. */
  domain: MeshDomain
  token: Address
  /** EvidenceAnchors, where the user vouches for it. */
  evidenceAnchors: Address | undefined
  publicClient: PublicClient<Transport, Chain>
  /** Undefined for a client that only reads. */
  wallet: Wallet | undefined
  /** First block that can hold events of DuckMesh. */
  fromBlock: bigint
  /** Sends of this client, one after the other, so that account nonces never collide. */
  sends: LimitFunction
  nonces: NonceSource
  fetch: Fetch
  /** Longest time for one answer, milliseconds. */
  timeoutMs: number
  /** Clock of the coordinator minus clock of this machine, seconds. */
  coordinatorClockOffsetSeconds: number
}

const SESSION_SECONDS = 300

/**
 * The wallet of a client.
 * @throws DuckMeshError `BAD_CONFIG` when the client only reads
 */
export function walletOf(context: ClientContext): Wallet {
  if (context.wallet) return context.wallet
  throw new DuckMeshError('BAD_CONFIG', 'This needs an account: pass one to DuckMeshClient.connect.', {
    setting: 'account',
  })
}

/**
 * Signs a session for one service.
 * @param audience coordinator's address or provider's signing key
 * @returns value of the `Authorization` header, good for five minutes
 */
export async function authorizationFor(context: ClientContext, audience: Address): Promise<string> {
  const wallet = walletOf(context)
  const nowSeconds = Math.floor(Date.now() / 1000) + context.coordinatorClockOffsetSeconds
  const session: Session = {
    account: wallet.account.address,
    audience,
    expiresAt: nowSeconds + SESSION_SECONDS,
  }
  const typedData = sessionTypedData(context.domain, session)
  const signature = await wallet.signTypedData(typedData).catch((thrown: unknown) => {
    throw walletError(thrown, 'signing the session')
  })
  return sessionHeader(session, signature)
}
