// Our Poseidon beside circomlib's, proved with snarkjs in one run. Times depend on the machine; the ratios, of processor time,
// less so.
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { loadGroups } from '../keys/curve.ts'
import { devInsecureKeys } from '../keys/devInsecure.ts'
import { BUILD, compile } from '../toolchain/compile.ts'
import { endProver, prove, verify } from '../toolchain/prove.ts'
import { nonZeros, readR1cs } from '../toolchain/r1cs.ts'
import { loadWitness } from '../toolchain/witness.ts'

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
 * Proves a digest of 435 elements with our Poseidon and with circomlib's.
 * @param say told what is being measured
 * @param runs of which the shortest counts: the others waited for the machine
 * @returns figures by name; names end with their unit
 */
export async function comparePoseidon(
  say: (line: string) => void,
  runs: number,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  const groups = await loadGroups()
  const inputs = { in: Array.from({ length: 435 }, (_, index) => BigInt(index) ** 60n) }
  for (const [whose, main] of Object.entries(CHAINS)) {
    say(`Poseidon, ${whose}`)
    if (whose === 'circomlib') copyCircomlib()
    const { r1csPath, wasmPath } = await compile(`poseidon-${whose}`, `pragma circom 2.2.2;\n${main}\n`)
    const r1cs = readR1cs(readFileSync(r1csPath))
    const { zkey, verifyingKey } = devInsecureKeys(r1cs, groups)
    figures[`poseidon-${whose}Constraints`] = r1cs.constraints.length
    figures[`poseidon-${whose}NonZeros`] = nonZeros(r1cs)
    figures[`poseidon-${whose}ZkeyBytes`] = zkey.length
    const witness = (await loadWitness(readFileSync(wasmPath)))(inputs)
    if (!(await verify(verifyingKey, await prove(zkey, witness))))
      throw new Error('The proof does not verify.')
    let leastCpuMs = Number.POSITIVE_INFINITY
    for (let run = 0; run < runs; run++) {
      const before = process.cpuUsage()
      await prove(zkey, witness)
      const { user, system } = process.cpuUsage(before)
      leastCpuMs = Math.min(leastCpuMs, (user + system) / 1_000)
    }
    figures[`poseidon-${whose}-proveCpuMs`] = Number(leastCpuMs.toFixed(1))
  }
  await endProver()
  const ratio = (one: string, other: string) => Number((figures[one]! / figures[other]!).toFixed(2))
  figures.circomlibToOursProveCpuRatio = ratio('poseidon-circomlib-proveCpuMs', 'poseidon-ours-proveCpuMs')
  figures.circomlibToOursZkeyRatio = ratio('poseidon-circomlibZkeyBytes', 'poseidon-oursZkeyBytes')
  return figures
}

/** Puts circomlib's sources where the compiler may read them. */
function copyCircomlib(): void {
  const folder = dirname(createRequire(import.meta.url).resolve('circomlib/package.json'))
  mkdirSync(BUILD, { recursive: true })
  cpSync(join(folder, 'circuits'), join(BUILD, 'circomlib'), { recursive: true })
}
