import { DuckMeshError } from '@duckmesh/protocol'
import type { Container } from '../container.ts'

/**
 * Ties the data folder to one deployment and one provider at first sight: promises made elsewhere mean nothing here.
 * @throws DuckMeshError `BAD_CONFIG` when the folder belongs to another one
 */
export function pinDeployment({ chain, config, journal, signer }: Container): void {
  const { chainId, verifyingContract } = chain.domain
  const have = [chainId, verifyingContract, chain.owner, signer.address].join(':')
  const pinned = journal.pin('deployment', have)
  if (pinned === have) return
  const details = { setting: 'DATA_DIR', dataDir: config.DATA_DIR, pinned, have }
  throw new DuckMeshError('BAD_CONFIG', 'The data folder belongs to another deployment or provider.', details)
}
