import { deployables } from '@duckmesh/protocol/bytecode'
import { type Address, keccak256, stringToHex, zeroAddress, zeroHash } from 'viem'
import {
  addressIn,
  addressOfParty,
  attestersOf,
  epochParams,
  type ModuleName,
  type Modules,
  meshParams,
  ownerOf,
  registriesOf,
} from './plan.ts'
import type { Settings } from './settings.ts'

/** A read whose answer follows from the settings. */
export type Check = {
  module: ModuleName
  /** Function without side effects. */
  read: string
  args?: readonly unknown[]
  expected: unknown
  /** @default that of the module */
  abi?: readonly unknown[]
  /** Part of the answer that is compared. @default all of it */
  take?(answer: unknown): unknown
}

const firstOf = (answer: unknown) => (answer as unknown[])[0]

/** What a timelock may be told by whom; OpenZeppelin names its roles by hashes. */
const ROLES = {
  admin: zeroHash,
  proposer: keccak256(stringToHex('PROPOSER_ROLE')),
  executor: keccak256(stringToHex('EXECUTOR_ROLE')),
  canceller: keccak256(stringToHex('CANCELLER_ROLE')),
}

/** Every read of a deployment, with the answer that the settings ask for. */
export function checksOf(settings: Settings, deployer: Address, modules: Modules): Check[] {
  const at = addressIn(modules)
  const party = (who: Parameters<typeof addressOfParty>[0]) => addressOfParty(who, deployer, at)
  const owner = ownerOf(settings, deployer, at)
  const guardian = party(settings.guardian)
  const params = meshParams(settings, deployer, at)
  const meshAbi = deployables.DuckMesh.abi
  const parts = (['DuckMesh', 'DuckMeshJobs', 'DuckMeshAccounts'] as const).flatMap((module): Check[] => [
    { module, abi: meshAbi, read: 'token', expected: at('DuckToken') },
    { module, abi: meshAbi, read: 'params', expected: params },
  ])
  const owned = (['VerifierRouter', 'TeeKeyRegistry', 'ReferenceAdapter'] as const).flatMap(
    (module): Check[] => [
      { module, read: 'owner', expected: owner },
      { module, read: 'pendingOwner', expected: zeroAddress },
    ],
  )
  return [
    ...governanceChecks(settings, deployer, modules),
    { module: 'MeshParams', read: 'owner', expected: owner },
    { module: 'MeshParams', read: 'guardian', expected: guardian },
    { module: 'MeshParams', read: 'noticeSeconds', expected: settings.noticeSeconds },
    { module: 'MeshParams', read: 'termsOf', args: [0], take: firstOf, expected: settings.terms },
    ...owned,
    { module: 'VerifierRouter', read: 'guardian', expected: guardian },
    { module: 'MeshAgentVerifier', read: 'router', expected: at('VerifierRouter') },
    ...parts,
    { module: 'DuckMesh', read: 'extension', expected: at('DuckMeshJobs') },
    { module: 'DuckMeshJobs', abi: meshAbi, read: 'extension', expected: at('DuckMeshAccounts') },
    { module: 'DuckMesh', read: 'treasury', expected: params.treasury },
    { module: 'Groth16Adapter', read: 'verifier', expected: at('Groth16Verifier') },
    { module: 'TeeKeyRegistry', read: 'providers', expected: at('DuckMesh') },
    { module: 'TeeKeyRegistry', read: 'revoker', expected: party(settings.enclaves.revoker) },
    { module: 'TeeKeyRegistry', read: 'maxTtlSeconds', expected: settings.enclaves.maxTtlSeconds },
    { module: 'TeeKeyAdapter', read: 'registry', expected: at('TeeKeyRegistry') },
    { module: 'AttesterQuorum', read: 'attesters', expected: attestersOf(settings, deployer, at) },
    { module: 'AttesterQuorum', read: 'quorum', expected: settings.enclaves.quorum },
    { module: 'EpochSettler', read: 'token', expected: at('DuckToken') },
    { module: 'EpochSettler', read: 'mesh', expected: at('DuckMesh') },
    { module: 'EpochSettler', read: 'params', expected: epochParams(settings) },
    { module: 'ReverseAuction', read: 'mesh', expected: at('DuckMesh') },
    { module: 'ReverseAuction', read: 'token', expected: at('DuckToken') },
    { module: 'ResultCallbacks', read: 'mesh', expected: at('DuckMesh') },
    ...agentChecks(settings, modules),
  ]
}

function governanceChecks({ governance }: Settings, deployer: Address, modules: Modules): Check[] {
  if (governance.kind === 'account') return []
  const at = addressIn(modules)
  const [governor, timelock] = [at('DuckGovernor'), at('DuckTimelock')]
  const role = (name: keyof typeof ROLES, account: Address, expected: boolean): Check => ({
    module: 'DuckTimelock',
    read: 'hasRole',
    args: [ROLES[name], account],
    expected,
  })
  return [
    { module: 'DuckGovernor', read: 'token', expected: at('DuckToken') },
    { module: 'DuckGovernor', read: 'timelock', expected: timelock },
    { module: 'DuckGovernor', read: 'votingDelay', expected: governance.votingDelaySeconds },
    { module: 'DuckGovernor', read: 'votingPeriod', expected: governance.votingPeriodSeconds },
    { module: 'DuckGovernor', read: 'proposalThreshold', expected: governance.proposalThresholdDuck },
    { module: 'DuckGovernor', read: 'quorumNumerator', expected: governance.quorumPercent },
    // MIN_DELAY_SECONDS of the timelock stands in for anything shorter
    { module: 'DuckTimelock', read: 'getMinDelay', expected: Math.max(governance.timelockSeconds, 172_800) },
    role('proposer', governor, true),
    role('canceller', governor, true),
    role('executor', zeroAddress, true),
    role('admin', timelock, true),
    role('admin', governor, false),
    role('admin', deployer, false),
    role('proposer', deployer, false),
    role('canceller', deployer, false),
  ]
}

function agentChecks(settings: Settings, modules: Modules): Check[] {
  if (settings.agents === 'none') return []
  const at = addressIn(modules)
  const { identity, reputation, validation } = registriesOf(settings, at)
  const adapters = (['ValidationAdapter', 'FeedbackAdapter'] as const).flatMap((module): Check[] => [
    { module, read: 'mesh', expected: at('DuckMesh') },
    { module, read: 'links', expected: at('AgentLinks') },
  ])
  return [
    { module: 'AgentLinks', read: 'mesh', expected: at('DuckMesh') },
    { module: 'AgentLinks', read: 'identity', expected: identity },
    ...adapters,
    { module: 'ValidationAdapter', read: 'validations', expected: validation },
    { module: 'FeedbackAdapter', read: 'reputation', expected: reputation },
  ]
}
