import { createHash } from 'node:crypto'

/** A Groth16 verifying key over BN254 in the JSON form of snarkjs; numbers are decimal, points projective. */
export interface VerifyingKey {
  protocol: 'groth16'
  curve: 'bn128'
  nPublic: number
  vk_alpha_1: string[]
  vk_beta_2: string[][]
  vk_gamma_2: string[][]
  vk_delta_2: string[][]
  /** One point for the constant and one for each public signal. */
  IC: string[][]
}

/** The generator of the second group. A key whose delta is this one had no contribution: anyone forges proofs for it. */
const GENERATOR_2 = [
  [
    '10857046999023057135944570762232829481370756359578518086990519993285655852781',
    '11559732032986387107991004021392285783925812861821192530917403151452391805634',
  ],
  [
    '8495653923123431417604973247489272438418190587263600148770280649306958101930',
    '4082367875863433681332203403145435568316851327593401208105741076214120093531',
  ],
  ['1', '0'],
]

/** @returns SHA-256, hex, of what a verifier uses of the key, in one fixed form */
export const verifyingKeyHash = (key: VerifyingKey): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        key.protocol,
        key.curve,
        key.nPublic,
        key.vk_alpha_1,
        key.vk_beta_2,
        key.vk_gamma_2,
        key.vk_delta_2,
        key.IC,
      ]),
    )
    .digest('hex')

/**
 * Looks for the faults that made real verifiers accept forged proofs. A key without a fault can still be unsafe: whether
 * somebody knows its secrets is said by the ceremony's transcript alone.
 * @returns one sentence for each fault
 */
export function verifyingKeyFaults(key: VerifyingKey, publicSignals: number): string[] {
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
  const faults: string[] = []
  if (key.protocol !== 'groth16' || key.curve !== 'bn128') faults.push('The key is not Groth16 over BN254.')
  if (same(key.vk_gamma_2, key.vk_delta_2)) faults.push('gamma equals delta: any statement can be forged.')
  if (same(key.vk_delta_2, GENERATOR_2)) faults.push('delta is the generator: phase 2 has no contribution.')
  if (key.nPublic !== publicSignals || key.IC.length !== publicSignals + 1) {
    faults.push(`The key takes ${key.nPublic} public signals, the circuit has ${publicSignals}.`)
  }
  if (new Set(key.IC.slice(1).map((point) => point.join())).size < key.IC.length - 1) {
    faults.push('Two public signals share a point: they can be exchanged against each other.')
  }
  if (key.IC.slice(1).some((point) => point[2] === '0')) {
    faults.push('A public signal has the point at infinity: it can be replaced by anything.')
  }
  return faults
}
