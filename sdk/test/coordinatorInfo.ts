import { type CoordinatorInfo, type ExecutionProfile, hashCanonical, parseDuck } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { keyOf, type TestMesh } from './startTestMesh.ts'

/** Profile that the test coordinator offers. */
export const testProfile: ExecutionProfile = {
  model: 'ab'.repeat(32),
  name: 'duck-test',
  quantisation: 'q8_0',
  tokenizer: 'llama',
  sampler: { topK: 40, topP: 1, minP: 0 },
  engine: 'test@1',
  kernelClass: 'test',
  contextTokens: 512,
}

/** One DUCK a seat. */
export const testModel = {
  policy: hashCanonical(testProfile),
  modelId: `0x${testProfile.model}` as const,
  profile: testProfile,
  providers: 3,
  minPriceWei: parseDuck('1'),
}

/** What `GET /v1/coordinator` of the test coordinator says. */
export const coordinatorInfo = ({ domain, token }: Pick<TestMesh, 'domain' | 'token'>): CoordinatorInfo => {
  const { address, publicKey } = privateKeyToAccount(keyOf('coordinator'))
  return {
    address,
    publicKey,
    chainId: domain.chainId,
    mesh: domain.verifyingContract,
    token,
    feeBps: 250,
    minStakeWei: parseDuck('100'),
    maxJobLifeSeconds: 3_600,
    modes: ['redundant'],
    // a getter: a test may take longer than the skew that the doctor allows
    get nowSeconds() {
      return Math.floor(Date.now() / 1000)
    },
    version: 'test',
  }
}
