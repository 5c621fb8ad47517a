import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DuckMeshError, type MeshDeployment } from '@duckmesh/protocol'
import { formatEther, type Hex, type PublicClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { connectChain } from './chain.ts'
import { type Deployed, deploy, type Progress } from './deploy.ts'
import { requireSound } from './doctor.ts'
import { openJournal, writeWhole } from './journal.ts'
import { faultLines, progressLine } from './lines.ts'
import type { Modules } from './plan.ts'
import { proposalOf } from './proposal.ts'
import { isLocalChain, pathsOf, readRecord, requireSameAddresses, writeRecord } from './records.ts'
import { loadSettings, type Settings } from './settings.ts'
import { verificationsOf, writeVerifications } from './verification.ts'

const USAGE = `npm run deploy -- <network> [options]

  <network>         a file in infrastructure/deploy/networks
  --dry-run         say what would be sent, send nothing
  --doctor          compare what is deployed with the settings, send nothing
  --json            print one JSON object as the last line of standard output
  --state-dir DIR   where a run leaves what the next one needs (.duckmesh)

The account that deploys and pays is that of DEPLOYER_PRIVATE_KEY. What else a network needs from the environment is
said when it is missing. Exit codes: 0 done, 1 the chain refused or did not answer, 2 usage or settings are wrong,
3 what is deployed differs from the settings.`

/** What the command may touch. */
export type Io = {
  env: Record<string, string | undefined>
  /** Checkout in which the records of real networks are kept. */
  root: string
  stdout(line: string): void
  stderr(line: string): void
}

/**
 * The command `npm run deploy`.
 * @returns exit code
 */
export async function main(args: string[], io: Io): Promise<number> {
  let isJson = false
  try {
    const { values, positionals } = parse(args)
    isJson = values.json
    const [network] = positionals
    if (values.help || positionals.length !== 1 || !network) {
      ;(values.help ? io.stdout : io.stderr)(USAGE)
      return values.help ? 0 : 2
    }
    const settings = loadSettings(network, io.env)
    const say = isJson ? io.stderr : io.stdout
    const work = values.doctor ? checkDeployed : deployNetwork
    const summary = await work({
      network,
      settings,
      io,
      say,
      paths: pathsOf(settings.chainId, {
        root: io.root,
        stateDir: values['state-dir'] ?? join(io.root, '.duckmesh'),
      }),
      isDryRun: values['dry-run'],
    })
    if (isJson) io.stdout(JSON.stringify(summary))
    return 0
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    io.stderr(`${error.message}\n${error.hint}`)
    for (const fault of faultLines(error)) io.stderr(`  ${fault}`)
    if (isJson) io.stdout(JSON.stringify({ ok: false, error: error.toWire() }))
    return { BAD_CONFIG: 2, DEPLOYMENT_DIFFERS: 3 }[error.code as string] ?? 1
  }
}

type Work = {
  network: string
  settings: Settings
  io: Io
  say(line: string): void
  paths: ReturnType<typeof pathsOf>
  isDryRun: boolean
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean', default: false },
        doctor: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        'state-dir': { type: 'string' },
      },
    })
  } catch (cause) {
    throw new DuckMeshError('BAD_CONFIG', `${(cause as Error).message}\n\n${USAGE}`, {}, { cause })
  }
}

async function connect({ settings, io }: Work) {
  const key = io.env.DEPLOYER_PRIVATE_KEY
  if (!/^0x[0-9a-fA-F]{64}$/.test(key ?? '')) {
    // never with its value
    throw new DuckMeshError('BAD_CONFIG', 'DEPLOYER_PRIVATE_KEY is not a 32-byte key.', {
      missing: ['DEPLOYER_PRIVATE_KEY'],
    })
  }
  return connectChain(settings.rpcUrl, privateKeyToAccount(key as Hex), settings.chainId)
}

async function checkDeployed(work: Work): Promise<Record<string, unknown>> {
  const { settings, paths, say } = work
  const chain = await connect(work)
  const record = await readRecord(paths.record)
  if (!record) {
    const path = paths.record
    throw new DuckMeshError('BAD_CONFIG', `Nothing is recorded in ${path}.`, { path })
  }
  await requireSound(chain.reader, settings, chain.account.address, record.modules as Modules)
  say(
    `All ${Object.keys(record.modules).length} contracts on chain ${chain.chainId} are as the settings say.`,
  )
  return { ok: true, ...record }
}

async function deployNetwork(work: Work): Promise<Record<string, unknown>> {
  const { network, settings, paths, say, isDryRun } = work
  const chain = await connect(work)
  const { chainId, account, reader } = chain
  const deployer = account.address
  say(
    `${isDryRun ? 'What would be deployed' : 'Deploying'} to ${network} (chain ${chainId}) from ${deployer}`,
  )
  const recorded = await standingRecord(paths.record, reader)
  const journal = await openJournal(paths.journal, settings.salt)
  const options = { chain, settings, journal }
  const tell = (step: Progress) => step.kind !== 'signed' && say(progressLine(step))
  // what is in the way is found before anything is paid for
  const planned = await deploy({ ...options, isDryRun: true, ...(isDryRun ? { onProgress: tell } : {}) })
  if (recorded) requireSameAddresses(recorded, planned.modules)
  const isPublic = !isLocalChain(chainId)
  if (isPublic) await verificationsOf(settings, deployer, planned.modules)
  if (isDryRun) return { ok: true, isDryRun, chainId, network, modules: planned.modules }

  const deployed = await deploy({ ...options, onProgress: tell })
  await requireSound(reader, settings, deployer, deployed.modules)
  const meshBlock = deployed.isMeshNew ? deployed.meshBlock : (recorded?.meshBlock ?? deployed.meshBlock)
  const record = { chainId, network, meshBlock, modules: deployed.modules as MeshDeployment['modules'] }
  await writeRecord(paths.record, record)
  if (isPublic) {
    await writeVerifications(paths.verification, await verificationsOf(settings, deployer, deployed.modules))
    say(`Input for block explorers: ${paths.verification}`)
    say('Run npm run generate and commit protocol/src/generated, so that everybody finds these addresses.')
  }
  await writeProposal(work, deployed)
  say(
    `${deployed.transactions} transactions, ${deployed.gasUsed} gas, ${formatEther(deployed.costWei)} ETH. Recorded in ${paths.record}`,
  )
  const { transactions, gasUsed, costWei, pending } = deployed
  return {
    ok: true,
    ...record,
    transactions,
    gasUsed: String(gasUsed),
    costWei: String(costWei),
    pending: pending.map(({ name }) => name),
  }
}

/** The record, unless the chain has lost what it is about, as a chain on one machine does at each start. */
async function standingRecord(path: string, reader: PublicClient): Promise<MeshDeployment | undefined> {
  const record = await readRecord(path)
  const code = record && (await reader.getCode({ address: record.modules.DuckMesh }))
  return code === undefined ? undefined : record
}

async function writeProposal({ paths, say }: Work, { pending }: Deployed): Promise<void> {
  if (pending.length === 0) return
  await writeWhole(paths.proposal, proposalOf(pending))
  say(`${pending.length} calls are the owner's. They are a proposal in ${paths.proposal}`)
}
