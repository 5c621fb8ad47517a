import { concat, type Hex, keccak256, size, slice, toHex } from 'viem'
import { z } from 'zod'
import { g1Schema, g2Schema, wordsOfG1, wordsOfG2 } from './proof.ts'

/** `verification_key.json` of snarkjs. Other fields are left out. */
export const snarkjsKeySchema = z.object({
  vk_alpha_1: g1Schema,
  vk_beta_2: g2Schema,
  vk_gamma_2: g2Schema,
  vk_delta_2: g2Schema,
  IC: z.array(g1Schema),
})
export type SnarkjsKey = z.infer<typeof snarkjsKeySchema>

/** Code that returns what follows it as the code of a contract, whose first byte stops every call. */
const LOADER: Hex = '0x600b380380600b5f395ff300'

/**
 * The canonical bytes of a verifying key, as `registerKey` takes them: alpha, beta, gamma, delta, then the input points.
 * @example
 * const key = keyBytes(snarkjsKeySchema.parse(JSON.parse(text)))
 * await verifier.write.registerKey([key])
 */
export function keyBytes({ vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2, IC }: SnarkjsKey): Hex {
  const words = [
    ...wordsOfG1(vk_alpha_1),
    ...[vk_beta_2, vk_gamma_2, vk_delta_2].flatMap(wordsOfG2),
    ...IC.flatMap(wordsOfG1),
  ]
  return concat(words.map((word) => toHex(word, { size: 32 })))
}

/**
 * A verifying key from its canonical bytes, as a contract keeps them: the way back from {@link keyBytes}.
 * @throws RangeError for a length that no key has
 */
export function keyOfBytes(key: Hex): SnarkjsKey {
  const words = Array.from({ length: Math.floor(size(key) / 32) }, (_, at) =>
    BigInt(slice(key, at * 32, at * 32 + 32)).toString(),
  )
  if (words.length * 32 !== size(key) || words.length < 18 || words.length % 2 !== 0)
    throw new RangeError(`No verifying key has ${size(key)} bytes.`)
  const g1 = (at: number): SnarkjsKey['vk_alpha_1'] => [words[at]!, words[at + 1]!, '1']
  // the chain keeps the imaginary part first
  const g2 = (at: number): SnarkjsKey['vk_beta_2'] => [
    [words[at + 1]!, words[at]!],
    [words[at + 3]!, words[at + 2]!],
    ['1', '0'],
  ]
  const inputs = Array.from({ length: (words.length - 14) / 2 }, (_, input) => g1(14 + 2 * input))
  return { vk_alpha_1: g1(0), vk_beta_2: g2(2), vk_gamma_2: g2(6), vk_delta_2: g2(10), IC: inputs }
}

/**
 * Id of a verifying key, the same in every verifier and on every chain. In an order it is the `modelId` of a model whose
 * weights are constants of the circuit.
 * @param key canonical bytes, see {@link keyBytes}
 */
export const keyIdOf = (key: Hex): Hex => keccak256(concat([LOADER, key]))
