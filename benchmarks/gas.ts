import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bench, bars } from './bench.ts'
import { type Peer, peers } from './gasPeers.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What is shown: figure name, file and name of the committed snapshot, and the most that it may be. */
const OPERATIONS: readonly { figure: string; file?: string; name: string; limit?: string }[] = [
  { figure: 'onchainLaneJobGas', name: 'on-chain lane job', limit: '<=185000' },
  { figure: 'settleGas', name: 'settle', limit: '<=60000' },
  {
    figure: 'packedItem128Of16PayersGas',
    name: 'settlePacked, per item, 128 items of 16 payers',
    limit: '<=10000',
  },
  { figure: 'claimPerChannel128Gas', name: 'claim, per channel, 128 channels', limit: '<=17000' },
  {
    figure: 'epochPerJobOf10000Gas',
    file: 'gas-epochs.json',
    name: 'per job, 100 purses, 100 providers',
    limit: '<=80',
  },
  { figure: 'redundantJob3SeatsGas', name: 'settleSeats, 3 seats', limit: '<=180000' },
  { figure: 'redundantJob3SeatsAnchoredGas', name: 'redundant job, 3 seats' },
  {
    figure: 'groth16OneInputExecutionGas',
    file: 'gas-groth16.json',
    name: 'verify, 1 input, execution',
    limit: '<=192764',
  },
  {
    figure: 'groth16BatchOf32PerProofExecutionGas',
    file: 'gas-groth16.json',
    name: 'verifyBatch, per proof of 32, execution',
    limit: '<=55000',
  },
  { figure: 'registerModelOf425WeightsGas', file: 'gas-models.json', name: 'register, 425 weights' },
  {
    figure: 'modelProofExecutionGas',
    file: 'gas-models.json',
    name: 'verify, 3 signals, execution',
    limit: '<=200000',
  },
  { figure: 'settleAuction4BidsGas', name: 'settleAuction, 4 bids', limit: '<=62000' },
  { figure: 'depositGas', name: 'deposit' },
  { figure: 'registerProviderGas', name: 'registerProvider' },
]

/**
 * Gas of whole transactions (execution alone where the name says so), measured anew on the in-process chain and compared
 * with the committed snapshots. Peer figures are other projects' own published snapshots; what they include besides is
 * printed with them, so a ratio is a hint and no race.
 */
export const gas: Bench = {
  about: 'Gas of whole transactions on the Hardhat network, beside figures that peers publish of their own',
  run: async (say) => {
    say('measuring with the contract gas suites')
    await remeasure()
    const figures: Record<string, number> = {}
    const limits: Record<string, string> = {}
    for (const { figure, file = 'gas.json', name, limit } of OPERATIONS) {
      figures[figure] = snapshot(file)[name] ?? Number.NaN
      if (limit) limits[figure] = limit
    }
    for (const peer of peers) compare(peer, figures, say)
    return { figures, bars: bars(figures, limits) }
  },
}

function compare(
  { figure, project, operation, peerGas, scope }: Peer,
  figures: Record<string, number>,
  say: Say,
) {
  const ours = figures[figure]
  if (ours === undefined) throw new RangeError(`There is no figure ${figure}.`)
  const ratio = Number((ours / peerGas).toFixed(3))
  figures[`${figure.replace(/Gas$/, '')}To${project}Ratio`] = ratio
  say(`${figure} ${ours} : ${project}, ${operation} ${peerGas} = ${ratio}. Theirs: ${scope}.`)
}

type Say = (text: string) => void

function snapshot(file: string): Record<string, number> {
  return JSON.parse(readFileSync(join(root, 'contracts/snapshots', file), 'utf8')) as Record<string, number>
}

/** Runs the gas suites, which fail when any operation is off its snapshot by more than 2 % or above its ceiling. */
async function remeasure(): Promise<void> {
  const suites = globSync('contracts/test/**/{gas,*Gas}.test.ts', { cwd: root })
  const child = spawn('hardhat', ['test', 'mocha', ...suites], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error('A gas suite failed: figures differ from contracts/snapshots.')
}
