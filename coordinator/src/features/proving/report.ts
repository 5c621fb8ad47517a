import { DuckMeshError } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'

/**
 * Brings false claims to the chain, which judges for itself and slashes. A claim that the chain will not judge as false is
 * put away: the answer can only be that the proof holds or that the key was burnt before.
 */
export async function reportFalseClaims({ chain, store, clock, logger }: Container): Promise<void> {
  for (const { taskId, attempt, order, claim: found } of await store.unreportedClaims()) {
    const { claim, signature, proof } = found
    const { providerId } = claim
    try {
      await chain.send(
        { kind: 'proveFalseProof', order, claim, claimSignature: signature, proof },
        async (hash) => logger.warn({ taskId, providerId, hash, at: clock.nowMs() }, 'false proof reported'),
      )
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      if (error.code !== 'CHAIN_REVERTED') throw error
      logger.warn({ taskId, providerId, err: error }, 'the chain does not slash this claim')
    }
    await store.markReported(taskId, attempt)
  }
}
