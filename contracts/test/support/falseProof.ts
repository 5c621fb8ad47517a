import type { Signer } from 'ethers'
import { ethers, type World } from './mesh.ts'
import { HONEST, WRONG } from './redundant.ts'
import { type Order, signStruct } from './typedData.ts'
import { proofOf, type VerifiedWorld, verifiedOrder } from './verified.ts'

/** See ProofClaim.sol. */
export interface ProofClaim {
  jobId: string
  providerId: number
  outputHash: string
  proofHash: string
}

export type SignedClaim = [Order, ProofClaim, string, string]

/** A provider's claim that these bytes prove this output. */
export async function claimOf(
  world: World,
  order: Order,
  proof: string,
  {
    outputHash = HONEST,
    providerId = 1,
    signer,
  }: { outputHash?: string; providerId?: number; signer?: Signer } = {},
): Promise<SignedClaim> {
  const claim = { jobId: world.jobIdOf(order), providerId, outputHash, proofHash: ethers.keccak256(proof) }
  const key = signer ?? world.provider(providerId - 1).key
  return [order, claim, await signStruct(key, world.domain, 'ProofClaim', claim), proof]
}

/** A claim of provider 1 that a proof shows another output than it does. */
export async function falseClaim(verified: VerifiedWorld): Promise<SignedClaim> {
  const order = await verifiedOrder(verified.world)
  return claimOf(verified.world, order, await proofOf(verified, order), { outputHash: WRONG })
}
