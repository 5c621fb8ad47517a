import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bench, bars } from './bench.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Operations that are shown, by figure name, with the name in the committed snapshot. */
const OPERATIONS = {
  redundantJob3SeatsGas: 'redundant job, 3 seats',
  anchorSeats3Gas: 'anchorSeats, 3 seats',
  openSeats3Gas: 'openSeats, 3 seats',
  openSeats3OneSlashedGas: 'openSeats, 3 seats, one slashed',
  onchainLaneJobGas: 'on-chain lane job',
  depositGas: 'deposit',
  registerProviderGas: 'registerProvider',
} as const

/** Boundless, one locked job: submitRequest 46,054 + lockinRequest 149,434 + fulfil 116,712 (its own snapshot file). */
const BOUNDLESS_LOCKED_JOB_GAS = 312_200

/**
 * Gas of whole transactions, measured anew on the in-process chain and compared with the committed snapshot.
 * The peer figure is another project's own published snapshot: its scope differs (it verifies a proof's inclusion
 * and moves a provider's collateral; a redundant job of ours judges three providers), so the ratio is a hint only.
 */
export const gas: Bench = {
  about:
    'Gas of whole transactions on the Hardhat network; peer: the published snapshot of Boundless (one locked job)',
  run: async (say) => {
    say('measuring with the contract gas suite')
    await remeasure()
    const snapshot = JSON.parse(readFileSync(join(root, 'contracts/snapshots/gas.json'), 'utf8')) as Record<
      string,
      number
    >
    const figures: Record<string, number> = {}
    for (const [figure, operation] of Object.entries(OPERATIONS)) {
      const value = snapshot[operation]
      if (value !== undefined) figures[figure] = value
    }
    figures.boundlessLockedJobGas = BOUNDLESS_LOCKED_JOB_GAS
    figures.onchainLaneToBoundlessRatio = Number(
      (figures.onchainLaneJobGas! / BOUNDLESS_LOCKED_JOB_GAS).toFixed(2),
    )
    const limits = { redundantJob3SeatsGas: '<=200000', onchainLaneJobGas: '<=200000' }
    return { figures, bars: bars(figures, limits) }
  },
}

/** Runs the gas suite, which fails when any operation is off its snapshot by more than 2 %. */
async function remeasure(): Promise<void> {
  const child = spawn('hardhat', ['test', 'mocha', 'contracts/test/gas/gas.test.ts'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error('The gas suite failed: figures differ from contracts/snapshots/gas.json.')
}
