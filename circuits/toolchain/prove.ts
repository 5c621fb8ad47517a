import { curves, groth16, type Proof } from 'snarkjs'
import type { VerifyingKey } from '../keys/verifyingKey.ts'
import { wtnsFile } from './witness.ts'

/** A proof with the public signals that it is about, in the circuit's order. */
export interface Proven {
  proof: Proof
  publicSignals: string[]
}

/**
 * Proves with snarkjs. A witness that breaks a constraint gives a proof that does not verify.
 * @param zkey the proving key's bytes
 * @param witness see `loadWitness`
 */
export const prove = (zkey: Uint8Array, witness: readonly bigint[]): Promise<Proven> =>
  groth16.prove(zkey, { type: 'mem', data: wtnsFile(witness) })

/** @returns whether the proof holds; false too for a proof or a signal that is malformed */
export async function verify(key: VerifyingKey, { proof, publicSignals }: Proven): Promise<boolean> {
  try {
    return await groth16.verify(key, publicSignals, proof)
  } catch {
    return false
  }
}

/** Ends the threads that snarkjs keeps, without which a process does not end. The next proof starts them anew. */
export async function endProver(): Promise<void> {
  const curve = await curves.getCurveFromName('bn128')
  await curve.terminate()
}
