// What the circuits cost, measured in one run: `node bench/zk.ts [runs]`. Times depend on the machine, so they are shown as
// ratios too, of processor time, which other work on the machine disturbs least; constraints do not.
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { catalogue } from '../catalogue.ts'
import { buildCircuits } from '../keys/build.ts'
import { loadGroups } from '../keys/curve.ts'
import { devInsecureKeys } from '../keys/devInsecure.ts'
import type { VerifyingKey } from '../keys/verifyingKey.ts'
import { readManifest } from '../manifest.ts'
import { BUILD, compile } from '../toolchain/compile.ts'
import { endProver, prove, verify } from '../toolchain/prove.ts'
import { nonZeros, readR1cs } from '../toolchain/r1cs.ts'
import { type CircuitInputs, loadWitness } from '../toolchain/witness.ts'
import { examples } from './examples.ts'

/** The shortest of several runs, in milliseconds: the others waited for the machine. */
export interface Times {
  witnessMs: number
  proveMs: number
  /** Processor time of one proof on all threads: on a busy machine it says more than the clock. */
  proveCpuMs: number
  verifyMs: number
}

async function shortest(runs: number, action: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now()
    await action()
    best = Math.min(best, performance.now() - startedMs)
  }
  return best
}

/** Proves and verifies with snarkjs, everything loaded before. */
async function time(
  wasm: Uint8Array,
  zkey: Uint8Array,
  key: VerifyingKey,
  inputs: CircuitInputs,
  runs: number,
): Promise<Times> {
  const witnessOf = await loadWitness(wasm)
  const witness = witnessOf(inputs)
  const proven = await prove(zkey, witness) // the first proof of a process starts threads
  if (!(await verify(key, proven))) throw new Error('The proof does not verify.')
  const before = process.cpuUsage()
  const proveMs = await shortest(runs, () => prove(zkey, witness))
  const { user, system } = process.cpuUsage(before)
  return {
    witnessMs: await shortest(runs, () => witnessOf(inputs)),
    proveMs,
    proveCpuMs: (user + system) / 1_000 / runs,
    verifyMs: await shortest(runs, () => verify(key, proven)),
  }
}

/** A digest of 435 elements by our Poseidon and by circomlib's: the same values, constraints and chain. */
const CHAINS: Record<'ours' | 'circomlib', string> = {
  ours: 'include "../gadgets/commitment.circom";\ncomponent main = Digest(435);',
  circomlib: `include "circomlib/poseidon.circom";
template Chain() {
    signal input in[435];
    signal output out;
    component step[29];
    for (var s = 0; s < 29; s++) {
        step[s] = Poseidon(16);
        if (s == 0) {
            step[s].inputs[0] <== 435;
        } else {
            step[s].inputs[0] <== step[s - 1].out;
        }
        for (var i = 0; i < 15; i++) {
            step[s].inputs[i + 1] <== in[15 * s + i];
        }
    }
    out <== step[28].out;
}
component main = Chain();`,
}

/**
 * Measures every circuit that is not large, and our Poseidon against circomlib's.
 * @param say told what is being measured
 * @param runs of which the shortest counts
 * @returns figures by name; names end with their unit
 */
export async function measureCircuits(
  say: (line: string) => void,
  runs = 3,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  const manifest = readManifest()
  for (const { name } of catalogue) figures[`${name}Constraints`] = manifest[name]!.constraints
  for (const circuit of await buildCircuits()) {
    say(circuit.name)
    const zkey = readFileSync(circuit.zkeyPath)
    figures[`${circuit.name}ZkeyBytes`] = zkey.length
    const times = await time(
      readFileSync(circuit.wasmPath),
      zkey,
      circuit.verifyingKey,
      examples[circuit.name]!().inputs,
      runs,
    )
    for (const [unit, value] of Object.entries(times))
      figures[`${circuit.name}-${unit}`] = Number(value.toFixed(1))
  }
  const groups = await loadGroups()
  for (const [whose, main] of Object.entries(CHAINS)) {
    say(`Poseidon, ${whose}`)
    if (whose === 'circomlib') copyCircomlib()
    const { r1csPath, wasmPath } = await compile(`poseidon-${whose}`, `pragma circom 2.2.2;\n${main}\n`)
    const r1cs = readR1cs(readFileSync(r1csPath))
    const startedMs = performance.now()
    const { zkey, verifyingKey } = devInsecureKeys(r1cs, groups)
    figures[`poseidon-${whose}-setUpMs`] = Math.round(performance.now() - startedMs)
    figures[`poseidon-${whose}Constraints`] = r1cs.constraints.length
    figures[`poseidon-${whose}NonZeros`] = nonZeros(r1cs)
    figures[`poseidon-${whose}ZkeyBytes`] = zkey.length
    const inputs = { in: Array.from({ length: 435 }, (_, index) => BigInt(index) ** 60n) }
    const { proveMs, proveCpuMs } = await time(readFileSync(wasmPath), zkey, verifyingKey, inputs, runs)
    figures[`poseidon-${whose}-proveMs`] = Number(proveMs.toFixed(1))
    figures[`poseidon-${whose}-proveCpuMs`] = Number(proveCpuMs.toFixed(1))
  }
  await endProver()
  const ratio = (one: string, other: string) => Number((figures[one]! / figures[other]!).toFixed(2))
  figures.circomlibToOursProveCpuRatio = ratio('poseidon-circomlib-proveCpuMs', 'poseidon-ours-proveCpuMs')
  figures.circomlibToOursZkeyRatio = ratio('poseidon-circomlibZkeyBytes', 'poseidon-oursZkeyBytes')
  for (const name of ['digits-packed', 'digits-hidden', 'lenet-constant', 'membership']) {
    figures[`${name}ToConstantProveCpuRatio`] = ratio(`${name}-proveCpuMs`, 'digits-constant-proveCpuMs')
  }
  return figures
}

/** Puts circomlib's sources where the compiler may read them. */
function copyCircomlib(): void {
  const folder = dirname(createRequire(import.meta.url).resolve('circomlib/package.json'))
  mkdirSync(BUILD, { recursive: true })
  cpSync(join(folder, 'circuits'), join(BUILD, 'circomlib'), { recursive: true })
}

if (import.meta.main) {
  const figures = await measureCircuits((line) => console.error(line), Number(process.argv[2] ?? 3))
  for (const { name, maxConstraints } of catalogue) {
    const times = figures[`${name}-proveMs`]
    const timed =
      times === undefined
        ? 'not timed'
        : `witness ${figures[`${name}-witnessMs`]} ms, prove ${times} ms (${figures[`${name}-proveCpuMs`]} ms of processor), verify ${figures[`${name}-verifyMs`]} ms`
    console.log(
      `${name.padEnd(24)} ${String(figures[`${name}Constraints`]).padStart(6)} of ${maxConstraints} constraints, ${timed}`,
    )
  }
  for (const [name, value] of Object.entries(figures)) {
    if (name.startsWith('poseidon') || name.endsWith('Ratio')) console.log(`${name.padEnd(40)} ${value}`)
  }
}
