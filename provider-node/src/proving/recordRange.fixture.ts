import { readFileSync } from 'node:fs'
import { buildCircuits, loadWitness, poseidon, wtnsFile } from '@duckmesh/circuits'

/** Inputs of `record-range`: a committed 40 lies between 18 and 120. */
export const inputs = { ctx: 77n, schema: 3n, low: 18n, high: 120n, value: 40n, salt: 5n }

/** Its public signals. */
export const signals = [poseidon([3n, 40n, 5n]), 3n, 18n, 120n, 77n].map(String)

const [built] = await buildCircuits(['record-range'])
/** The circuit with its development keys. */
export const circuit = built!

const values = (await loadWitness(readFileSync(circuit.wasmPath)))(inputs)
/** The honest witness of these inputs, as a file. */
export const witness = wtnsFile(values)

/** A witness of the right form that breaks a constraint: another value behind the same commitment. */
export const brokenWitness = wtnsFile(values.with(-1, values.at(-1)! + 1n))
