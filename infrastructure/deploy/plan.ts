import { DuckMeshError } from '@duckmesh/protocol'
import type { deployables } from '@duckmesh/protocol/bytecode'
import { type Address, type ContractConstructorArgs, zeroAddress } from 'viem'
import type { Party, Settings } from './settings.ts'

/** Name of a contract that is deployed. */
export type ModuleName = keyof typeof deployables
/** Addresses of what is deployed. */
export type Modules = Partial<Record<ModuleName, Address>>
/** Address of a module. @throws DuckMeshError `BAD_CONFIG` when it comes later in the plan or not at all */
export type AddressOf = (name: ModuleName) => Address

/** One contract of a deployment. */
export type Step = {
  name: ModuleName
  /** Constructor arguments, given the addresses of the steps before. */
  args(at: AddressOf): readonly unknown[]
  /** The step whose constructor makes this contract, as the first one that it makes. */
  madeBy?: ModuleName
}

/** A step whose arguments have the types of the constructor. */
function create<
  Name extends ModuleName,
  const Args extends ContractConstructorArgs<(typeof deployables)[Name]['abi']>,
>(name: Name, args: (at: AddressOf) => Args): Step {
  return { name, args: args as (at: AddressOf) => readonly unknown[] }
}

/** Looks up modules by name, for {@link Step.args} and for whatever comes after a deployment. */
export const addressIn =
  (modules: Modules): AddressOf =>
  (name) => {
    const address = modules[name]
    if (address) return address
    const message = `${name} is named before it is deployed, or is not deployed with these settings.`
    throw new DuckMeshError('BAD_CONFIG', message, { module: name })
  }

/** Address of whoever plays a part. */
export function addressOfParty(party: Party, deployer: Address, at: AddressOf): Address {
  if (party === 'none') return zeroAddress
  if (party === 'deployer') return deployer
  return party === 'timelock' ? at('DuckTimelock') : party
}

/** Owner of MeshParams, the router and the registries. */
export const ownerOf = ({ governance }: Settings, deployer: Address, at: AddressOf): Address =>
  addressOfParty(governance.kind === 'votes' ? 'timelock' : governance.owner, deployer, at)

/** What the three parts of the mesh are built with. */
export const meshParams = ({ treasury, mesh }: Settings, deployer: Address, at: AddressOf) => ({
  treasury: addressOfParty(treasury, deployer, at),
  minStakeWei: mesh.minStakeDuck,
  maxJobLifeSeconds: mesh.maxJobLifeSeconds,
  unbondSeconds: mesh.unbondSeconds,
  meshParams: at('MeshParams'),
  agentVerifier: at('MeshAgentVerifier'),
})

/** What the settler is built with. */
export const epochParams = ({ epochs }: Settings) => ({
  challengeWindowSeconds: epochs.challengeWindowSeconds,
  answerWindowSeconds: epochs.answerWindowSeconds,
  cadenceSeconds: epochs.cadenceSeconds,
  bondBps: epochs.bondBps,
  minEpochBondWei: epochs.minEpochBondDuck,
  challengeDepositWei: epochs.challengeDepositDuck,
})

/** The attesters in the order in which their contract wants them. */
export const attestersOf = ({ enclaves }: Settings, deployer: Address, at: AddressOf): Address[] =>
  enclaves.attesters
    .map((party) => addressOfParty(party, deployer, at))
    .toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))

/** The registries of ERC-8004 that agents live in. */
export function registriesOf({ agents }: Settings, at: AddressOf) {
  if (typeof agents === 'object') return agents
  return {
    identity: at('DevIdentityRegistry'),
    reputation: at('DevReputationRegistry'),
    validation: at('DevValidationRegistry'),
  }
}

function governanceSteps({ governance }: Settings): Step[] {
  if (governance.kind === 'account') return []
  const { votingDelaySeconds, votingPeriodSeconds, proposalThresholdDuck, timelockSeconds } = governance
  return [
    create('DuckGovernor', (at) => [
      at('DuckToken'),
      votingDelaySeconds,
      votingPeriodSeconds,
      proposalThresholdDuck,
      BigInt(governance.quorumPercent),
      BigInt(timelockSeconds),
    ]),
    {
      ...create('DuckTimelock', (at) => [at('DuckGovernor'), BigInt(timelockSeconds)]),
      madeBy: 'DuckGovernor',
    },
  ]
}

function agentSteps(settings: Settings): Step[] {
  if (settings.agents === 'none') return []
  const registries: Step[] = [
    create('DevIdentityRegistry', () => []),
    create('DevReputationRegistry', (at) => [at('DevIdentityRegistry')]),
    create('DevValidationRegistry', (at) => [at('DevIdentityRegistry')]),
  ]
  return [
    ...(settings.agents === 'dev' ? registries : []),
    create('AgentLinks', (at) => [at('DuckMesh'), registriesOf(settings, at).identity]),
    create('ValidationAdapter', (at) => [
      at('DuckMesh'),
      at('AgentLinks'),
      registriesOf(settings, at).validation,
    ]),
    create('FeedbackAdapter', (at) => [
      at('DuckMesh'),
      at('AgentLinks'),
      registriesOf(settings, at).reputation,
    ]),
  ]
}

/**
 * The contracts of a deployment in the order in which they are made: each needs only those before it.
 * @param deployer account that plays the parts called `deployer`
 */
export function planOf(settings: Settings, deployer: Address): Step[] {
  const party = (who: Party, at: AddressOf) => addressOfParty(who, deployer, at)
  const owner = (at: AddressOf) => ownerOf(settings, deployer, at)
  const params = (at: AddressOf) => meshParams(settings, deployer, at)
  const { guardian, enclaves } = settings
  return [
    create('DuckToken', (at) => [party(settings.holder, at)]),
    ...governanceSteps(settings),
    create('MeshParams', (at) => [owner(at), party(guardian, at), settings.noticeSeconds, settings.terms]),
    create('VerifierRouter', (at) => [owner(at), party(guardian, at)]),
    create('MeshAgentVerifier', (at) => [at('VerifierRouter')]),
    // from the last part of the mesh to the first: each takes the next, and refuses one that was built differently
    create('DuckMeshAccounts', (at) => [at('DuckToken'), params(at)]),
    create('DuckMeshJobs', (at) => [at('DuckToken'), params(at), at('DuckMeshAccounts')]),
    create('DuckMesh', (at) => [at('DuckToken'), params(at), at('DuckMeshJobs')]),
    create('MeshLens', () => []),
    create('EvidenceAnchors', () => []),
    create('Groth16Verifier', () => []),
    create('Groth16Adapter', (at) => [at('Groth16Verifier')]),
    create('ModelRegistry', () => []),
    create('TeeKeyRegistry', (at) => [
      at('DuckMesh'),
      owner(at),
      party(enclaves.revoker, at),
      enclaves.maxTtlSeconds,
    ]),
    create('TeeKeyAdapter', (at) => [at('TeeKeyRegistry')]),
    create('AttesterQuorum', (at) => [attestersOf(settings, deployer, at), enclaves.quorum]),
    create('ReferenceAdapter', (at) => [owner(at)]),
    create('EpochSettler', (at) => [at('DuckToken'), at('DuckMesh'), epochParams(settings)]),
    create('ReverseAuction', (at) => [at('DuckMesh')]),
    create('ResultCallbacks', (at) => [at('DuckMesh')]),
    ...agentSteps(settings),
  ]
}
