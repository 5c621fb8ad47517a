import type { ProviderId } from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'
import { meshEvents } from './meshEvents.ts'

/**
 * Signing keys that providers had at a block, from the events of registration and rotation: a key of today says nothing
 * about a signature of last month, and events need no archive node.
 * @param toBlock the newest if left out
 */
export async function signingKeysAt(
  context: ClientContext,
  providerIds: readonly ProviderId[],
  toBlock?: bigint,
): Promise<Map<ProviderId, Address>> {
  if (providerIds.length === 0) return new Map()
  const args = { providerId: [...new Set(providerIds)] }
  const [registered, rotated] = await Promise.all([
    meshEvents(context, 'ProviderRegistered', args, toBlock),
    meshEvents(context, 'KeyRotated', args, toBlock),
  ])
  return new Map<ProviderId, Address>([
    ...registered.map((event) => [event.args.providerId, event.args.signingKey] as const),
    ...rotated.map((event) => [event.args.providerId, event.args.newKey] as const),
  ])
}
