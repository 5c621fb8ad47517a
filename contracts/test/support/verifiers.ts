import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import { AbiCoder, type Contract, concat, keccak256, Signature, type Signer, toBeHex, Wallet } from 'ethers'
import { connect, ethers, networkHelpers, type World, worldFixture } from './mesh.ts'

export const TTL_SECONDS = 7 * 86_400
export const MEASUREMENT = ethers.id('enclave build 1')
export const OUTPUT = ethers.id('output')
export const GAS_CAP = 100_000
export const TEE = '0x7ee00001'
export const REFERENCE = '0xef000001'
/** Metadata of the entry TEE: measurement 1. */
export const TEE_METADATA = toBeHex(1, 4)
/** Metadata of the entry REFERENCE: validators 0 to 2, any two of them, 90 %. */
export const REFERENCE_METADATA = referenceTerms({ mask: 0b111n, quorum: 2, minScoreBps: 9_000 })

const coder = AbiCoder.defaultAbiCoder()
const fieldsOf = (list: string) =>
  list.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { type, name }
  })

/** EIP-712 types, written out a second time so that a change of the Solidity side alone is noticed. */
export const proofTypes = {
  AttestedResult: fieldsOf('bytes32 taskInput,bytes32 outputHash'),
  KeyAttestation: fieldsOf(
    'address enclaveKey,bytes32 measurement,uint40 expiresAt,bytes32 nonce,bytes32 quoteHash',
  ),
  ReferenceVerdict: fieldsOf('bytes32 taskInput,bytes32 outputHash,bool matches,uint16 scoreBps'),
}

export interface Task {
  taskId: string
  agentId: string
  inputHash: string
}

export interface Attestation {
  enclaveKey: string
  measurement: string
  expiresAt: number
  nonce: string
  quoteHash: string
}

export interface Verifiers {
  world: World
  owner: HardhatEthersSigner
  guardian: HardhatEthersSigner
  router: Contract
  agent: Contract
  quorum: Contract
  registry: Contract
  tee: Contract
  reference: Contract
  hostile: Contract
  attesters: Wallet[]
  validators: Wallet[]
  enclave: Wallet
}

/** A key that is the same in every run. */
export const walletOf = (label: string): Wallet => new Wallet(ethers.id(label))

export async function deploy(name: string, args: unknown[] = []): Promise<Contract> {
  return (await ethers.deployContract(name, args)) as unknown as Contract
}

/** A world with router, agent verifier and all adapters; provider 1 has a live enclave key. */
async function verifierFixture(): Promise<Verifiers> {
  const world = await worldFixture()
  const { deployer: owner, coordinator: guardian, mesh } = world
  const attesters = ['a', 'b', 'c']
    .map((name) => walletOf(`attester ${name}`))
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
  const validators = [0, 1, 2, 3].map((index) => walletOf(`validator ${index}`))
  const router = await deploy('VerifierRouter', [owner.address, guardian.address])
  const agent = await deploy('MeshAgentVerifier', [await router.getAddress()])
  const quorum = await deploy('AttesterQuorum', [attesters.map(({ address }) => address), 2])
  const registryArgs = [await mesh.getAddress(), owner.address, guardian.address, TTL_SECONDS]
  const registry = await deploy('TeeKeyRegistry', registryArgs)
  const tee = await deploy('TeeKeyAdapter', [await registry.getAddress()])
  const reference = await deploy('ReferenceAdapter', [owner.address])
  const hostile = await deploy('HostileVerifier')
  await registry.allowMeasurement(await quorum.getAddress(), MEASUREMENT)
  for (const { address } of validators) await reference.addValidator(address)
  await router.addVerifier(TEE, await tee.getAddress(), GAS_CAP, TEE_METADATA)
  await router.addVerifier(REFERENCE, await reference.getAddress(), GAS_CAP, REFERENCE_METADATA)
  const enclave = walletOf('enclave')
  const all = { world, owner, guardian, router, agent, quorum, registry, tee, reference, hostile }
  const verifiers: Verifiers = { ...all, attesters, validators, enclave }
  await attest(verifiers)
  return verifiers
}

export function loadVerifiers(): Promise<Verifiers> {
  return networkHelpers.loadFixture(verifierFixture)
}

/** The task of an order as the mesh names it. */
export async function taskOf({ world }: Verifiers, providerId = 1): Promise<Task> {
  const order = await world.orderOf({ policy: concat([TEE, `0x${'ab'.repeat(28)}`]) })
  const inputHash = keccak256(
    coder.encode(['bytes32', 'bytes32', 'bytes32'], [order.modelId, order.inputHash, order.policy]),
  )
  return { taskId: world.jobIdOf(order), agentId: toBeHex(providerId, 32), inputHash }
}

export function taskInputOf({ taskId, agentId, inputHash }: Task): string {
  return keccak256(coder.encode(['bytes32', 'bytes32', 'bytes32'], [taskId, agentId, inputHash]))
}

export async function domainOf(contract: Contract, name: string) {
  const { chainId } = await ethers.provider.getNetwork()
  return { name, version: '1', chainId, verifyingContract: await contract.getAddress() }
}

export async function teeDomain({ tee }: Verifiers) {
  return domainOf(tee, 'DuckMesh TeeKeyAdapter')
}

type Domain = Awaited<ReturnType<typeof domainOf>>

/** Signature of an AttestedResult, in the form of EIP-2098. */
export async function signResult(signer: Signer, domain: Domain, task: Task, outputHash = OUTPUT) {
  const message = { taskInput: taskInputOf(task), outputHash }
  const types = { AttestedResult: proofTypes.AttestedResult }
  return Signature.from(await signer.signTypedData(domain, types, message))
}

export function encodeTeeProof({ taskId, agentId, inputHash }: Task, { r, yParityAndS }: Signature): string {
  return concat([taskId, agentId, inputHash, r, yParityAndS])
}

/** Proof for TeeKeyAdapter by the enclave of provider 1. */
export async function teeProof(verifiers: Verifiers, task: Task, signer: Signer = verifiers.enclave) {
  return encodeTeeProof(task, await signResult(signer, await teeDomain(verifiers), task))
}

export function referenceTerms(terms: { mask: bigint; quorum: number; minScoreBps: number }): string {
  return concat([toBeHex(terms.mask, 16), toBeHex(terms.quorum, 1), toBeHex(terms.minScoreBps, 2)])
}

export interface VerdictOptions {
  matches?: boolean
  scoreBps?: number
  signer?: Wallet
  domain?: Domain
}

export type Verdict = [validatorId: number, scoreBps: number, r: string, vs: string]

/** One validator's verdict in the form that proofs hold it in. */
export async function verdictOf(
  { reference, validators }: Verifiers,
  validatorId: number,
  task: Task,
  { matches = true, scoreBps = 9_500, signer = validators[validatorId], domain }: VerdictOptions = {},
): Promise<Verdict> {
  const message = { taskInput: taskInputOf(task), outputHash: OUTPUT, matches, scoreBps }
  const types = { ReferenceVerdict: proofTypes.ReferenceVerdict }
  const where = domain ?? (await domainOf(reference, 'DuckMesh ReferenceAdapter'))
  const { r, yParityAndS } = Signature.from(await signer.signTypedData(where, types, message))
  return [validatorId, scoreBps, r, yParityAndS]
}

export function encodeVerdicts(verdicts: Verdict[]): string {
  return coder.encode(['tuple(uint8,uint16,bytes32,bytes32)[]'], [verdicts])
}

export async function attestationOf(
  { registry, enclave }: Verifiers,
  overrides: Partial<Attestation> = {},
  providerId = 1,
): Promise<Attestation> {
  return {
    enclaveKey: enclave.address,
    measurement: MEASUREMENT,
    expiresAt: (await networkHelpers.time.latest()) + TTL_SECONDS / 2,
    nonce: await registry.challengeOf(providerId),
    quoteHash: ethers.id('quote'),
    ...overrides,
  }
}

/** Evidence for AttesterQuorum, signed by the attesters with these ids. */
export async function evidenceOf(
  { quorum, attesters }: Verifiers,
  attestation: Attestation,
  { ids = [0, 1], signers = attesters }: { ids?: number[]; signers?: Wallet[] } = {},
): Promise<string> {
  const domain = await domainOf(quorum, 'DuckMesh AttesterQuorum')
  const types = { KeyAttestation: proofTypes.KeyAttestation }
  const signatures = await Promise.all(
    ids.map(async (id) => {
      const text = await (signers[id] ?? walletOf('nobody')).signTypedData(domain, types, attestation)
      const { r, yParityAndS } = Signature.from(text)
      return [id, r, yParityAndS]
    }),
  )
  return encodeEvidence(attestation, signatures)
}

export function encodeEvidence(attestation: Attestation, signatures: unknown[]): string {
  const { enclaveKey, measurement, expiresAt, nonce, quoteHash } = attestation
  return coder.encode(
    ['tuple(address,bytes32,uint40,bytes32,bytes32)', 'tuple(uint8,bytes32,bytes32)[]'],
    [[enclaveKey, measurement, expiresAt, nonce, quoteHash], signatures],
  )
}

/** Attests the enclave's key for a provider under measurement 1. */
export async function attest(
  verifiers: Verifiers,
  overrides: Partial<Attestation> = {},
  { providerId = 1, measurementId = 1 } = {},
) {
  const evidence = await evidenceOf(verifiers, await attestationOf(verifiers, overrides, providerId))
  const { owner } = verifiers.world.provider(providerId - 1)
  return connect(verifiers.registry, owner).attestKey(providerId, measurementId, evidence)
}

/** Adds an entry of the hostile verifier. @returns its selector */
export async function addHostile(
  { router, hostile }: Verifiers,
  behaviour: number,
  { gasCap = GAS_CAP, extra = '0x' } = {},
): Promise<string> {
  const selector = toBeHex(0xbad00000 + behaviour, 4)
  await router.addVerifier(
    selector,
    await hostile.getAddress(),
    gasCap,
    concat([toBeHex(behaviour, 1), extra]),
  )
  return selector
}
