import { z } from 'zod'

const decimal = z.string().regex(/^\d{1,78}$/)
const decimalPair = z.tuple([decimal, decimal])

/** A point of G1 as snarkjs writes it: affine and decimal. The third coordinate is 1 unless the point is zero. */
export const g1Schema = z.tuple([decimal, decimal, z.literal('1')])
/** A point of G2 as snarkjs writes it: each coordinate as (real, imaginary). */
export const g2Schema = z.tuple([decimalPair, decimalPair, z.tuple([z.literal('1'), z.literal('0')])])

/** `proof.json` of snarkjs. Other fields are left out. */
export const snarkjsProofSchema = z.object({ pi_a: g1Schema, pi_b: g2Schema, pi_c: g1Schema })
export type SnarkjsProof = z.infer<typeof snarkjsProofSchema>

/** A point of G1 as two words. */
export const wordsOfG1 = ([x, y]: z.infer<typeof g1Schema>): bigint[] => [BigInt(x), BigInt(y)]

/** A point of G2 as four words. The chain wants the imaginary part first (EIP-197), snarkjs writes it second. */
export const wordsOfG2 = ([x, y]: z.infer<typeof g2Schema>): bigint[] => [x[1], x[0], y[1], y[0]].map(BigInt)

/**
 * A proof as `Groth16Verifier` takes it: A (2 words), B (4), C (2).
 * @example
 * const { proof } = await snarkjs.groth16.fullProve(inputs, wasm, zkey)
 * wordsOfProof(snarkjsProofSchema.parse(proof)) // [A.x, A.y, B.x imaginary, B.x real, …]
 */
export function wordsOfProof({ pi_a, pi_b, pi_c }: SnarkjsProof): bigint[] {
  return [...wordsOfG1(pi_a), ...wordsOfG2(pi_b), ...wordsOfG1(pi_c)]
}

/**
 * The words of a proof as snarkjs writes it: the way back from {@link wordsOfProof}. Points are not checked.
 * @param words eight, see {@link wordsOfProof}
 */
export function proofOfWords(words: readonly bigint[]): SnarkjsProof {
  const [ax, ay, bxi, bxr, byi, byr, cx, cy] = words.map(String) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return {
    pi_a: [ax, ay, '1'],
    pi_b: [
      [bxr, bxi],
      [byr, byi],
      ['1', '0'],
    ],
    pi_c: [cx, cy, '1'],
  }
}
