import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { buildCircuits, endProver, type Proven, readManifest, verify } from '@duckmesh/circuits'
import { examples } from '@duckmesh/circuits/bench'
import { verifyProof, verifyProofs } from '@duckmesh/protocol/groth16'
import {
  createProver,
  type Engine,
  type ProveRun,
  type Prover,
  proverSettings,
} from '@duckmesh/provider-node/proving'
import { type Bench, bars } from './bench.ts'
import { zkPeers } from './zkPeers.ts'
import { measureThroughput } from './zkThroughput.ts'

/** Proofs of each circuit and engine; the shortest counts, the others waited for the machine. */
const RUNS = 5
/** Proofs that are verified together. */
const BATCHES = [32, 64]

const LIMITS: Record<string, string> = {
  'digits-constantConstraints': '<=1900',
  'digits-packedConstraints': '<=2600',
  'digits-hiddenConstraints': '<=20500',
  'lenet-constantConstraints': '<=24000',
  'record-rangeConstraints': '<=400',
  membershipConstraints: '<=3300',
  'digits-constant-witnessMs': '<=5',
  'digits-packed-witnessMs': '<=5',
  'digits-constant-snarkjsProveMs': '<=150',
  'digits-packed-snarkjsProveMs': '<=220',
  'digits-hidden-snarkjsProveMs': '<=2300',
  'lenet-constant-snarkjsProveMs': '<=1000',
  'digits-constant-nativeProveMs': '<=30',
  'digits-packed-nativeProveMs': '<=45',
  'digits-hidden-nativeProveMs': '<=400',
  'lenet-constant-nativeProveMs': '<=160',
  'digits-constant-snarkjsToNativeRatio': '>=4',
  'digits-packed-snarkjsToNativeRatio': '>=4',
  'digits-hidden-snarkjsToNativeRatio': '>=4',
  'lenet-constant-snarkjsToNativeRatio': '>=4',
  verifyMs: '<=15',
  batchOf32PerProofMs: '<=1.5',
  batchOf64PerProofMs: '<=1.5',
  devKeysSeconds: '<=6',
}

type Figures = Record<string, number>
type Say = (text: string) => void
const rounded = (value: number) => Number(value.toPrecision(3))

/** The shortest of several runs by the clock, and the least processor time of this process, ms. */
async function shortest(runs: number, action: () => unknown): Promise<{ ms: number; cpuMs: number }> {
  const best = { ms: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY }
  for (let run = 0; run < runs; run++) {
    const started = { ms: performance.now(), cpu: process.cpuUsage() }
    await action()
    best.ms = Math.min(best.ms, performance.now() - started.ms)
    const { user, system } = process.cpuUsage(started.cpu)
    best.cpuMs = Math.min(best.cpuMs, (user + system) / 1_000)
  }
  return best
}

/** Proves one circuit with each engine in turns, so that both meet the same machine. */
async function measureCircuit(name: string, provers: Prover[], figures: Figures): Promise<void> {
  const { inputs } = examples[name]!()
  const least = (figure: string, value: number) => {
    figures[figure] = rounded(Math.min(figures[figure] ?? Number.POSITIVE_INFINITY, value))
  }
  for (let run = 0; run <= RUNS; run++) {
    for (const prover of provers) {
      const { witnessMs, proveMs, proveCpuMs, provedBy } = await prover.prove({ circuit: name, inputs })
      if (run === 0) continue // loads the key
      least(`${name}-witnessMs`, witnessMs)
      least(`${name}-${provedBy}ProveMs`, proveMs)
      least(`${name}-${provedBy}ProveCpuMs`, proveCpuMs)
    }
  }
  for (const unit of ['', 'Cpu']) {
    const [snarkjs, native] = [
      figures[`${name}-snarkjsProve${unit}Ms`],
      figures[`${name}-nativeProve${unit}Ms`],
    ]
    if (snarkjs !== undefined && native !== undefined)
      figures[`${name}-snarkjsToNative${unit}Ratio`] = rounded(snarkjs / native)
  }
}

async function measureVerifying(prover: Prover, figures: Figures): Promise<void> {
  const circuit = 'digits-constant'
  const { verifyingKey } = await prover.keyOf(circuit)
  const items: ProveRun[] = []
  for (let proof = 0; proof < 4; proof++)
    items.push(await prover.prove({ circuit, inputs: examples[circuit]!().inputs }))
  const { proof, publicSignals } = items[0]!
  const single = await shortest(20, () => verifyProof(verifyingKey, publicSignals, proof))
  figures.verifyMs = rounded(single.ms)
  figures.verifyCpuMs = rounded(single.cpuMs)
  for (const size of BATCHES) {
    const batch = Array.from({ length: size }, (_, index) => items[index % items.length]!)
    const together = await shortest(6, () => verifyProofs(verifyingKey, batch))
    figures[`batchOf${size}PerProofMs`] = rounded(together.ms / size)
    figures[`batchOf${size}PerProofCpuMs`] = rounded(together.cpuMs / size)
  }
  const [built] = await buildCircuits([circuit])
  const proven = {
    proof: { ...proof, protocol: 'groth16', curve: 'bn128' } as Proven['proof'],
    publicSignals,
  }
  const snarkjs = await shortest(20, () => verify(built!.verifyingKey, proven))
  figures.snarkjsVerifyMs = rounded(snarkjs.ms)
  figures.snarkjsVerifyCpuMs = rounded(snarkjs.cpuMs)
  await endProver()
}

/** Development keys from compiled circuits, in as many processes as there are cores. */
async function measureDevKeys(figures: Figures): Promise<void> {
  await buildCircuits() // compiles what is not yet
  const folder = mkdtempSync(join(tmpdir(), 'duckmesh-keys-'))
  try {
    const { ms } = await shortest(1, () => buildCircuits(undefined, folder))
    figures.devKeysSeconds = rounded(ms / 1_000)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function comparePeers(figures: Figures, engine: Engine, say: Say): void {
  const manifest = readManifest()
  for (const { circuit, project, proveSeconds, constraints, scope } of zkPeers) {
    const ours = figures[`${circuit}-${engine}ProveMs`]! / 1_000
    figures[`${circuit}To${project}ProveRatio`] = rounded(ours / proveSeconds)
    const theirs = constraints === undefined ? '' : `, ${constraints} constraints`
    say(
      `${circuit} ${ours.toFixed(3)} s (${engine}), ${manifest[circuit]!.constraints} constraints : ${project} ${proveSeconds} s${theirs}. Theirs: ${scope}.`,
    )
  }
}

/** What proofs cost: engines beside each other in one run, verifying, keys, and a node under load. */
export const zk: Bench = {
  about: 'Proofs of every circuit with snarkjs and natively, verifying, development keys, proofs per second',
  run: async (say) => {
    const figures: Figures = { loadAtStart: rounded(loadavg()[0]!) }
    const manifest = readManifest()
    for (const [name, { constraints }] of Object.entries(manifest))
      figures[`${name}Constraints`] = constraints
    say('development keys')
    await measureDevKeys(figures)
    const provers = [await createProver(proverSettings.parse({ PROVER: 'snarkjs' }))]
    const auto = await createProver()
    say(auto.reason)
    if (auto.engine === 'native') provers.push(auto)
    try {
      for (const name of Object.keys(examples)) {
        say(name)
        await measureCircuit(name, provers, figures)
      }
      say('verifying')
      await measureVerifying(auto, figures)
    } finally {
      await Promise.all([...provers, auto].map((prover) => prover.close()))
    }
    for (const { engine } of provers) {
      say(`a node with ${engine} under load`)
      Object.assign(figures, await measureThroughput(engine))
    }
    comparePeers(figures, auto.engine, say)
    figures.loadAtEnd = rounded(loadavg()[0]!)
    const measured = Object.entries(LIMITS).filter(([name]) => figures[name] !== undefined)
    return { figures, bars: bars(figures, Object.fromEntries(measured)) }
  },
}
