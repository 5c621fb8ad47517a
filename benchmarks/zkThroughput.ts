import { readFileSync } from 'node:fs'
import process from 'node:process'
import { examples } from '@duckmesh/circuits/bench'
import { createProver, type Engine, type Prover, proverSettings } from '@duckmesh/provider-node/proving'
import { percentile } from './bench.ts'

const CIRCUIT = 'digits-constant'
/** Proofs that are asked for at once. */
const PROOFS = 16

/** Most memory that the processes have had so far, added up; the pages that they share are counted for each. */
function peakMebibytes(prover: Prover): number {
  const peaks = prover.processIds().map((pid) => {
    const [, kibibytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/) ?? []
    return Number(kibibytes) / 1_024
  })
  return Math.round(peaks.reduce((sum, peak) => sum + peak, 0))
}

/**
 * Asks one prover for many proofs at once, with one slot and with two.
 * @returns proofs per second, how long the median proof waited for a slot, and the peak of memory (Linux)
 */
export async function measureThroughput(engine: Engine): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  const { inputs } = examples[CIRCUIT]!()
  for (const slots of [1, 2]) {
    const prover = await createProver(proverSettings.parse({ PROVER: engine, PROVER_SLOTS: slots }))
    const proveAll = async (count: number) => {
      const startedMs = performance.now()
      const waitsMs: number[] = []
      const onProgress = (stage: string) => {
        if (stage === 'witness') waitsMs.push(performance.now() - startedMs)
      }
      await Promise.all(
        Array.from({ length: count }, () => prover.prove({ circuit: CIRCUIT, inputs, onProgress })),
      )
      return { seconds: (performance.now() - startedMs) / 1_000, waitMs: percentile(waitsMs, 0.5) }
    }
    try {
      await proveAll(2 * slots) // starts the processes and loads the key
      const { seconds, waitMs } = await proveAll(PROOFS)
      const name = `${engine}${slots}Slots`
      figures[`${name}ProofsPerSecond`] = Number((PROOFS / seconds).toFixed(1))
      figures[`${name}MedianQueueWaitMs`] = Math.round(waitMs)
      if (process.platform === 'linux') figures[`${name}PeakMemoryMiB`] = peakMebibytes(prover)
    } finally {
      await prover.close()
    }
  }
  return figures
}
