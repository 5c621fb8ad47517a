import { parseDuck } from '@duckmesh/protocol'
import { DuckMeshClient } from '../src/clients/DuckMeshClient.ts'
import { testModel } from './coordinatorInfo.ts'
import { json } from './startHttpStub.ts'
import { startTestCoordinator } from './startTestCoordinator.ts'
import { startTestMesh } from './startTestMesh.ts'
import { startTestNode } from './startTestNode.ts'

/** One provider of the on-chain lane with its node, a coordinator that lists it, and a client with 100 DUCK. */
export async function startDirectLane() {
  const mesh = await startTestMesh(1)
  const coordinator = await startTestCoordinator(mesh)
  const provider = mesh.providers[0]!
  const node = await startTestNode(mesh, provider)
  coordinator.handlers['GET /v1/providers'] = json({
    providers: [
      {
        providerId: provider.providerId,
        owner: provider.owner.address,
        signingKey: provider.signer.address,
        stakedWei: parseDuck('1000'),
        lockedWei: 0n,
        isActive: true,
        isOnline: true,
        lastSeenAtMs: 1,
        endpoint: node.url,
        policies: [testModel.policy],
        capacity: 1,
        activeJobs: 0,
        offers: [],
        sealKey: null,
      },
    ],
  })
  const { rpcUrl, buyer } = mesh
  const client = await DuckMeshClient.connect({ coordinatorUrl: coordinator.url, rpcUrl, account: buyer })
  await client.deposit(parseDuck('100'))
  return {
    mesh,
    coordinator,
    node,
    client,
    /** Orders a short answer; a lazy provider does nothing about it. */
    order: (isLazy = false) => {
      node.isLazy = isLazy
      node.delivers = undefined
      return client.submitDirectJob({ providerId: provider.providerId, prompt: 'Say quack', maxTokens: 4 })
    },
    stop: async () => {
      await Promise.all([coordinator.stop(), node.stop()])
      await mesh.stop()
    },
  }
}
