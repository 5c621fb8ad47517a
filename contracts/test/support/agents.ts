import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import { AbiCoder, type BaseContract, type ContractMethod, keccak256 } from 'ethers'
import { connect, ethers, networkHelpers, type World, worldFixture } from './mesh.ts'

type Named<Name extends string> = BaseContract & Record<Name, ContractMethod>

export type Identity = Named<
  | 'setAgentURI'
  | 'setMetadata'
  | 'setAgentWallet'
  | 'unsetAgentWallet'
  | 'getMetadata'
  | 'getAgentWallet'
  | 'ownerOf'
  | 'tokenURI'
  | 'approve'
  | 'setApprovalForAll'
  | 'transferFrom'
>
export type Reputation = Named<
  | 'giveFeedback'
  | 'revokeFeedback'
  | 'appendResponse'
  | 'getIdentityRegistry'
  | 'getSummary'
  | 'readFeedback'
  | 'readAllFeedback'
  | 'getResponseCount'
  | 'getClients'
  | 'getLastIndex'
>
export type Validations = Named<
  | 'validationRequest'
  | 'validationResponse'
  | 'getIdentityRegistry'
  | 'getValidationStatus'
  | 'getSummary'
  | 'getAgentValidations'
  | 'getValidatorRequests'
>
export type Links = Named<'link' | 'unlink' | 'agentIdOf' | 'providerIdOf' | 'linkOf'>
export type ValidationAdapter = Named<'respond' | 'requestHashOf' | 'answeredRequestOf'>
export type FeedbackAdapter = Named<
  'countJob' | 'giveFeedback' | 'epochOf' | 'countUntilOf' | 'tallyOf' | 'isCounted'
>

/** A world with the three registries and the adapters of the mesh. */
export interface AgentWorld extends World {
  identity: Identity
  reputation: Reputation
  validations: Validations
  links: Links
  validator: ValidationAdapter
  feedback: FeedbackAdapter
}

async function deploy<T>(name: string, ...contracts: BaseContract[]): Promise<T> {
  const addresses = await Promise.all(contracts.map((contract) => contract.getAddress()))
  return (await ethers.deployContract(name, addresses)) as unknown as T
}

async function agentWorldFixture(): Promise<AgentWorld> {
  const world = await worldFixture()
  const identity = await deploy<Identity>('DevIdentityRegistry')
  const reputation = await deploy<Reputation>('DevReputationRegistry', identity)
  const validations = await deploy<Validations>('DevValidationRegistry', identity)
  const links = await deploy<Links>('AgentLinks', world.mesh, identity)
  const validator = await deploy<ValidationAdapter>('ValidationAdapter', world.mesh, links, validations)
  const feedback = await deploy<FeedbackAdapter>('FeedbackAdapter', world.mesh, links, reputation)
  return { ...world, identity, reputation, validations, links, validator, feedback }
}

export function loadAgentWorld(): Promise<AgentWorld> {
  return networkHelpers.loadFixture(agentWorldFixture)
}

/** Registers an agent of `owner`; ids count up from 0. */
export async function registerAgent({ identity }: AgentWorld, owner: HardhatEthersSigner): Promise<bigint> {
  const register = connect(identity, owner).getFunction('register()')
  const agentId = (await register.staticCall()) as bigint
  await register()
  return agentId
}

/** Registers an agent of a provider's owner and links the two. */
export async function linkedAgent(world: AgentWorld, index = 0): Promise<bigint> {
  const { id, owner } = world.provider(index)
  const agentId = await registerAgent(world, owner)
  await connect(world.links, owner).link(id, agentId)
  return agentId
}

/** The consent of `wallet` to be the wallet of an agent. */
export async function signWallet(
  { identity }: AgentWorld,
  wallet: HardhatEthersSigner,
  consent: { agentId: bigint; newWallet: string; owner: string; deadline: number },
) {
  const domain = {
    name: 'ERC8004IdentityRegistry',
    version: '1',
    chainId: (await ethers.provider.getNetwork()).chainId,
    verifyingContract: await identity.getAddress(),
  }
  const AgentWalletSet = [
    { name: 'agentId', type: 'uint256' },
    { name: 'newWallet', type: 'address' },
    { name: 'owner', type: 'address' },
    { name: 'deadline', type: 'uint256' },
  ]
  return wallet.signTypedData(domain, { AgentWalletSet }, consent)
}

/** keccak256(abi.encode(mesh, jobId, agentId, salt)). */
export async function requestHash(world: AgentWorld, jobId: string, agentId: bigint, salt: string) {
  const types = ['address', 'bytes32', 'uint256', 'bytes32']
  const values = [await world.mesh.getAddress(), jobId, agentId, salt]
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values))
}
