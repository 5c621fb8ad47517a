import { duckMeshAbi } from '@duckmesh/protocol'
import type { DuckMeshClient } from '@duckmesh/sdk'

/** Free balance of the buyer and what each provider owns in the mesh, in DUCK wei. */
export type Money = {
  buyerWei: bigint
  /** Free balance plus stake, by provider id. */
  providers: Map<number, { ownedWei: bigint; lockedWei: bigint }>
}

/** Reads it from the chain alone. */
export async function readMoney(client: DuckMeshClient): Promise<Money> {
  const { domain, publicClient } = client.context
  const contract = { address: domain.verifyingContract, abi: duckMeshAbi } as const
  const count = await publicClient.readContract({ ...contract, functionName: 'providerCount' })
  const providers: Money['providers'] = new Map()
  for (let providerId = 1; providerId <= count; providerId++) {
    const args = [providerId] as const
    const found = await publicClient.readContract({ ...contract, functionName: 'providerOf', args })
    const { freeWei } = await client.getBalance(found.owner)
    providers.set(providerId, { ownedWei: freeWei + found.stakedWei, lockedWei: found.lockedWei })
  }
  return { buyerWei: (await client.getBalance()).freeWei, providers }
}

/** What changed between two looks: of the buyer, and of each provider. */
export function moneyMoved(before: Money, after: Money) {
  const providers = [...after.providers].map(([providerId, { ownedWei }]) => ({
    providerId,
    wei: ownedWei - (before.providers.get(providerId)?.ownedWei ?? 0n),
  }))
  return { buyerWei: after.buyerWei - before.buyerWei, providers }
}
