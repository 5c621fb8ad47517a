import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FIELD } from '../field/field.ts'
import { compile, ROOT } from '../toolchain/compile.ts'
import { brokenConstraints, type R1cs, readR1cs } from '../toolchain/r1cs.ts'
import { type CircuitInputs, loadWitness, type WitnessOf } from '../toolchain/witness.ts'

/** A circuit with a witness generator that checks nothing, as a cheat's would: only constraints stand against it. */
export interface Bench {
  r1cs: R1cs
  witnessOf: WitnessOf
}

/** Compiles a main file for tests. */
export async function bench(name: string, main: string, options?: { inspect: boolean }): Promise<Bench> {
  const { r1csPath, wasmPath } = await compile(name, main, options)
  return {
    r1cs: readR1cs(readFileSync(r1csPath)),
    witnessOf: await loadWitness(withoutAsserts(readFileSync(wasmPath))),
  }
}

/** What the compiler writes where a check of `===` fails: `i32.const 4`, `return`, and the end of the block. */
const ASSERT = [0x41, 0x04, 0x0f, 0x0b]
const NOTHING = [0x01, 0x01, 0x01, 0x0b]

/** Takes the checks of `===` out of a witness generator, which leaves the constraints as they are. */
function withoutAsserts(wasm: Uint8Array): Uint8Array {
  const patched = wasm.slice()
  for (let at = patched.indexOf(0x41); at >= 0; at = patched.indexOf(0x41, at + 1)) {
    if (ASSERT.every((byte, offset) => patched[at + offset] === byte)) patched.set(NOTHING, at)
  }
  return patched
}

/** @returns the text of a main file with one template of `file`, whose inputs of the list are public */
export const mainOf = (file: string, call: string, publicInputs: string[] = []): string => {
  const list = publicInputs.length > 0 ? ` {public [${publicInputs.join(', ')}]}` : ''
  return `pragma circom 2.2.2;\ninclude "../${file}";\ncomponent main${list} = ${call};\n`
}

/**
 * The same circuit with a lying prover: in the text of `file` the hint `honest` (what stands right of `<--`) becomes `lie`.
 * Hints are no constraints, so the circuit must stay the same to the byte; the test then evaluates the liar's witness.
 */
export async function liar(
  name: string,
  file: string,
  call: string,
  publicInputs: string[],
  honest: string,
  lie: string,
): Promise<Bench> {
  const text = readFileSync(join(ROOT, file), 'utf8')
  assert.ok(text.includes(honest), `${file} has no hint "${honest}"`)
  const inlined = text.replace(/include "([^"]+)"/g, (_, path: string) => {
    const from = path.startsWith('../') ? path.slice(3) : `${file.split('/')[0]}/${path}`
    return `include "../${from}"`
  })
  const main = (source: string) =>
    `${source}\ncomponent main {public [${publicInputs.join(', ')}]} = ${call};\n`
  const [right, wrong] = await Promise.all([
    bench(name, main(inlined)),
    bench(`${name}-liar`, main(inlined.replace(honest, lie)), { inspect: false }),
  ])
  assert.deepEqual(wrong.r1cs, right.r1cs, 'the lie changed the constraints')
  return { r1cs: right.r1cs, witnessOf: wrong.witnessOf }
}

/** Asserts that the inputs satisfy every constraint. @returns the public outputs, then the public inputs */
export function holds({ r1cs, witnessOf }: Bench, inputs: CircuitInputs): bigint[] {
  const witness = witnessOf(inputs)
  assert.deepEqual(brokenConstraints(r1cs, witness), [])
  return witness.slice(1, 1 + r1cs.outputCount + r1cs.publicInputCount)
}

/** Asserts that a constraint refuses the inputs. */
export function refuses({ r1cs, witnessOf }: Bench, inputs: CircuitInputs): void {
  assert.notEqual(brokenConstraints(r1cs, witnessOf(inputs)).length, 0, 'no constraint refuses the inputs')
}

/**
 * Changes every wire of a valid witness, one at a time.
 * @returns the wires whose change no constraint noticed; a sound circuit has none
 */
export function freeWires({ r1cs, witnessOf }: Bench, inputs: CircuitInputs): number[] {
  const witness = witnessOf(inputs)
  assert.deepEqual(brokenConstraints(r1cs, witness), [])
  const touching: Set<R1cs['constraints'][number]>[] = witness.map(() => new Set())
  for (const constraint of r1cs.constraints) {
    for (const { wires } of [constraint.a, constraint.b, constraint.c]) {
      for (const wire of wires) touching[wire]!.add(constraint)
    }
  }
  return witness.flatMap((value, wire) => {
    if (wire === 0) return []
    const changed = witness.with(wire, (value + 1n) % FIELD)
    for (const constraint of touching[wire]!) {
      if (brokenConstraints({ ...r1cs, constraints: [constraint] }, changed).length > 0) return []
    }
    return [wire]
  })
}
