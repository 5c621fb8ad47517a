import { DuckMeshError, type ProviderId } from '@duckmesh/protocol'
import { meshEvents } from '../../chain/meshEvents.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/**
 * Base URL of a provider's node: what it announced to the coordinator, otherwise what it registered on chain.
 * @throws DuckMeshError `NO_PROVIDERS` when it has no address that can be called
 */
export async function providerEndpoint(context: ClientContext, providerId: ProviderId): Promise<string> {
  const { providers } = await context.coordinator.providers()
  const announced = providers.find((provider) => provider.providerId === providerId)?.endpoint
  if (announced) return announced
  const [registered, updated] = await Promise.all([
    meshEvents(context, 'ProviderRegistered', { providerId }),
    meshEvents(context, 'ProviderUpdated', { providerId }),
  ])
  const onChain = updated.at(-1)?.args.endpoint ?? registered.at(-1)?.args.endpoint
  if (onChain) return onChain
  const message = `Provider ${providerId} has no endpoint that can be called.`
  throw new DuckMeshError('NO_PROVIDERS', message, { providerId, skipped: [] })
}
