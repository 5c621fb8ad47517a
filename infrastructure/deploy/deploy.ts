import { chainError, DuckMeshError } from '@duckmesh/protocol'
import { deployables } from '@duckmesh/protocol/bytecode'
import {
  type Address,
  BaseError,
  encodeDeployData,
  getContractAddress,
  getContractError,
  type Hex,
  type TransactionReceipt,
} from 'viem'
import { type Chain, type ChainRequest, costOf } from './chain.ts'
import { emptyJournal, type Journal } from './journal.ts'
import { chooseMaker, type Maker } from './makers.ts'
import { type AddressOf, addressIn, type Modules, ownerOf, planOf, type Step } from './plan.ts'
import type { Settings } from './settings.ts'
import { type SetupCall, setupCalls } from './setupCalls.ts'

/** What happens to one contract or one call; a step is told `signed`, then `made`, or one of the others alone. */
export type Progress = {
  name: string
  /** `found`: was there before. `planned`: a dry run would send it. `pending`: the owner has to send it. */
  kind: 'found' | 'planned' | 'signed' | 'made' | 'pending'
  address?: Address
  /** Of the transaction; in a dry run an estimate, if what it needs is on the chain already. */
  gas?: bigint
  costWei?: bigint
}

/** How to deploy. */
export type DeployOptions = {
  chain: Chain
  settings: Settings
  /** What an earlier run left. @default nothing */
  journal?: Journal
  /** Sends nothing and says what would be sent. */
  isDryRun?: boolean
  onProgress?(progress: Progress): void
}

/** What stands afterwards. */
export type Deployed = {
  modules: Modules
  /** No event of the mesh is in an earlier block. */
  meshBlock: number
  /** Whether this run made the mesh, so that its block is exact. */
  isMeshNew: boolean
  /** Calls that only the owner can make, when that is not the deployer. */
  pending: SetupCall[]
  /** Of this run. */
  transactions: number
  gasUsed: bigint
  costWei: bigint
}

const silence = () => undefined

/** What the parts of one run share. */
type Run = Required<Omit<DeployOptions, 'journal'>> & {
  maker: Maker
  deployer: Address
  at: AddressOf
  deployed: Deployed
}

/**
 * Brings a chain to what the settings say: makes the contracts that are missing, in order, then the calls that are
 * missing. A run that was killed anywhere is finished by the next.
 * @throws DuckMeshError `CHAIN_REVERTED` with the reason of a constructor that refuses, `DEPLOYMENT_DIFFERS`,
 * `BAD_CONFIG` when the settings name registries that are not there
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const { chain, settings, isDryRun = false, onProgress = silence } = options
  const journal = options.journal ?? emptyJournal()
  await requireRegistries(chain, settings)
  const maker = await chooseMaker(chain, settings.salt, journal)
  const block = Number(await chain.reader.getBlockNumber())
  // a chain on one machine may have begun anew since the journal was written
  const firstBlock = Math.min(journal.firstBlock ?? block, block)
  if (!isDryRun && journal.firstBlock !== firstBlock) {
    journal.firstBlock = firstBlock
    await journal.save()
  }
  const modules: Modules = {}
  const deployed: Deployed = {
    modules,
    meshBlock: firstBlock,
    isMeshNew: false,
    pending: [],
    transactions: 0,
    gasUsed: 0n,
    costWei: 0n,
  }
  const deployer = chain.account.address
  const run = { chain, settings, isDryRun, onProgress, maker, deployer, at: addressIn(modules), deployed }
  for (const step of planOf(settings, deployer)) await makeContract(run, step)
  for (const call of setupCalls(settings, deployer, run.at, chain.reader)) await makeCall(run, call)
  return deployed
}

async function makeContract(run: Run, step: Step): Promise<void> {
  const { maker, onProgress, deployed } = run
  const { name, madeBy } = step
  const { modules } = deployed
  if (madeBy) {
    modules[name] = getContractAddress({ from: run.at(madeBy), nonce: 1n })
    return
  }
  const initCode = initCodeOf(step, modules)
  const { address, isThere } = await maker.find(name, initCode)
  modules[name] = address
  if (isThere) onProgress({ name, kind: 'found', address })
  else if (run.isDryRun) await sayPlanned(run, name, maker.request(initCode), address)
  else {
    const onSigned = () => onProgress({ name, kind: 'signed', address })
    const receipt = await makeOrExplain(run, name, initCode, onSigned)
    if (name === 'DuckMesh')
      Object.assign(deployed, { meshBlock: Number(receipt.blockNumber), isMeshNew: true })
    onProgress({ name, kind: 'made', address, ...count(deployed, receipt) })
  }
}

async function makeCall(run: Run, call: SetupCall): Promise<void> {
  const { chain, settings, deployer, isDryRun, onProgress, deployed } = run
  const { name, to, data } = call
  // what a dry run would make cannot be asked
  const isDone = await call.isDone().catch((error: unknown) => (isDryRun ? false : Promise.reject(error)))
  if (isDone) onProgress({ name, kind: 'found' })
  else if (call.isOwners && ownerOf(settings, deployer, run.at) !== deployer) {
    deployed.pending.push(call)
    onProgress({ name, kind: 'pending' })
  } else if (isDryRun) await sayPlanned(run, name, { to, data })
  else {
    const onSigned = async () => onProgress({ name, kind: 'signed' })
    const receipt = await chain.send({ to, data }, name, onSigned).catch((thrown: unknown) => {
      throw thrown instanceof BaseError ? chainError(thrown, name) : thrown
    })
    onProgress({ name, kind: 'made', ...count(deployed, receipt) })
  }
}

function count(deployed: Deployed, receipt: TransactionReceipt): { gas: bigint; costWei: bigint } {
  const costWei = costOf(receipt)
  deployed.transactions++
  deployed.gasUsed += receipt.gasUsed
  deployed.costWei += costWei
  return { gas: receipt.gasUsed, costWei }
}

/** What needs something that is not there yet cannot be estimated. */
async function sayPlanned(run: Run, name: string, request: ChainRequest, address?: Address): Promise<void> {
  if (run.onProgress === silence) return
  const { reader, account } = run.chain
  const gas = await reader.estimateGas({ account, ...request }).catch(() => undefined)
  const known = { ...(gas === undefined ? {} : { gas }), ...(address ? { address } : {}) }
  run.onProgress({ name, kind: 'planned', ...known })
}

async function requireRegistries({ reader }: Chain, { agents }: Settings): Promise<void> {
  if (typeof agents !== 'object') return
  for (const [name, address] of Object.entries(agents)) {
    if ((await reader.getCode({ address })) !== undefined) continue
    const message = `The ${name} registry of the settings, ${address}, is no contract on this chain.`
    throw new DuckMeshError('BAD_CONFIG', message, { name, address })
  }
}

/** Creation code with constructor arguments. */
export function initCodeOf(step: Step, modules: Modules): Hex {
  const { abi, bytecode } = deployables[step.name]
  return encodeDeployData({ abi, bytecode, args: step.args(addressIn(modules)) } as never)
}

/** The proxy reverts without a word, so a constructor that refuses is asked again by itself. */
async function makeOrExplain(
  { chain, maker }: Run,
  name: Step['name'],
  initCode: Hex,
  onSigned: () => void,
): Promise<TransactionReceipt> {
  try {
    return await maker.make(name, initCode, onSigned)
  } catch (thrown) {
    if (!(thrown instanceof BaseError)) throw thrown
    await chain.reader.call({ account: chain.account, data: initCode }).catch((refused: BaseError) => {
      // the ABIs of the further parts of the mesh have no errors: those are in that of DuckMesh
      const abi = [...deployables[name].abi, ...deployables.DuckMesh.abi]
      const error = getContractError(refused, { abi: abi as never, args: [], functionName: 'constructor' })
      throw chainError(error, `the constructor of ${name}`)
    })
    throw chainError(thrown, `deploying ${name}`)
  }
}
