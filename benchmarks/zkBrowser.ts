import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { gzipSync } from 'node:zlib'
import { buildCircuits, endProver, loadWitness, prove } from '@duckmesh/circuits'
import { examples } from '@duckmesh/circuits/bench'
import { type BrowserPage, openPage, serveCircuits } from '@duckmesh/e2e/browser'
import { snarkjsKeySchema, snarkjsProofSchema } from '@duckmesh/protocol'
import { type Bench, bars } from './bench.ts'

/** Proofs of each circuit; the shortest counts. */
const RUNS = 5
const BATCH = 64
const PREDICATES = ['record-range', 'membership']

const LIMITS: Record<string, string> = { verifyMs: '<=15', batchOf64PerProofMs: '<=1.5' }

type Figures = Record<string, number>
const rounded = (value: number) => Number(value.toPrecision(3))

/** Proofs of a digit, made by snarkjs in Node. */
async function digitProofs() {
  const [circuit] = await buildCircuits(['digits-constant'])
  const witnessOf = await loadWitness(readFileSync(circuit!.wasmPath))
  const witness = witnessOf(examples['digits-constant']!().inputs)
  const items = []
  for (let item = 0; item < 4; item++) {
    const { proof, publicSignals } = await prove(readFileSync(circuit!.zkeyPath), witness)
    items.push({ proof: snarkjsProofSchema.parse(proof), publicSignals })
  }
  await endProver()
  return { key: snarkjsKeySchema.parse(circuit!.verifyingKey), items }
}

/** @returns a clock of the processor time that the page's main thread has taken, ms */
async function threadClock({ page }: BrowserPage): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'ThreadTime')!.value * 1_000
  }
}

/** The shortest of several runs by the clock of the page, and the mean processor time. */
async function measureVerifying(browser: BrowserPage, figures: Figures): Promise<void> {
  const { key, items } = await digitProofs()
  const threadMs = await threadClock(browser)
  const shortest = async (runs: number, batch: typeof items) => {
    const beforeMs = await threadMs()
    const ms = await browser.api.evaluate(
      async (page, [given, some, times]) => {
        let bestMs = Number.POSITIVE_INFINITY
        for (let run = 0; run < times; run++) {
          const startedMs = performance.now()
          const answer = await (some.length === 1
            ? page.verify(given, some[0]!.publicSignals, some[0]!.proof)
            : page.verifyTogether(given, some))
          if (!('value' in answer && answer.value)) throw new Error(JSON.stringify(answer))
          bestMs = Math.min(bestMs, performance.now() - startedMs)
        }
        return bestMs
      },
      [key, batch, runs] as const,
    )
    return { ms, cpuMs: ((await threadMs()) - beforeMs) / runs }
  }
  const alone = items.slice(0, 1)
  figures.firstVerifyMs = rounded((await shortest(1, alone)).ms) // loads the pairing
  await shortest(20, alone) // until the compiler has done its best
  const single = await shortest(40, alone)
  figures.verifyMs = rounded(single.ms)
  figures.verifyCpuMs = rounded(single.cpuMs)
  const together = await shortest(
    20,
    Array.from({ length: BATCH }, (_, index) => items[index % items.length]!),
  )
  figures.batchOf64PerProofMs = rounded(together.ms / BATCH)
  figures.batchOf64PerProofCpuMs = rounded(together.cpuMs / BATCH)
}

/** One predicate: the first proof fetches its files, and for the first of all starts the worker. */
async function measureProving({ api }: BrowserPage, circuit: string, figures: Figures): Promise<void> {
  const request: object = { circuit, inputs: examples[circuit]!().inputs }
  for (let run = 0; run <= RUNS; run++) {
    const { wholeMs, answer } = await api.evaluate(async (page, given) => {
      const startedMs = performance.now()
      const answer = await page.prove(given as never)
      return { wholeMs: performance.now() - startedMs, answer }
    }, request)
    if (!('value' in answer)) throw new Error(`${circuit}: ${answer.code} ${answer.message}`)
    const least = (figure: string, value: number) => {
      figures[figure] = rounded(Math.min(figures[figure] ?? Number.POSITIVE_INFINITY, value))
    }
    if (run === 0) figures[`${circuit}-firstMs`] = rounded(wholeMs)
    else {
      least(`${circuit}-witnessMs`, answer.value.witnessMs)
      least(`${circuit}-proveMs`, answer.value.proveMs)
      least(`${circuit}-wholeMs`, wholeMs)
    }
  }
}

/** What a page pays: time in a real Chromium, and bytes. Whole times hold the check of the proof. */
export const zkBrowser: Bench = {
  about: 'Proofs verified and small predicates proved in a page, in Chromium',
  run: async (say) => {
    const figures: Figures = { loadAtStart: rounded(loadavg()[0]!) }
    const { circuits, files } = await serveCircuits(PREDICATES)
    const browser = await openPage(files)
    try {
      for (const [path, bytes] of Object.entries(browser.scripts)) {
        figures[`${path.slice(1, -3)}ScriptKiB`] = Math.round(bytes.length / 1_024)
        figures[`${path.slice(1, -3)}ScriptGzipKiB`] = Math.round(gzipSync(bytes).length / 1_024)
      }
      say('verifying')
      await measureVerifying(browser, figures)
      await browser.api.evaluate((page, given) => page.openProver(given, '/worker.js'), circuits)
      for (const circuit of PREDICATES) {
        say(circuit)
        await measureProving(browser, circuit, figures)
      }
    } finally {
      await browser.close()
    }
    figures.loadAtEnd = rounded(loadavg()[0]!)
    return { figures, bars: bars(figures, LIMITS) }
  },
}
