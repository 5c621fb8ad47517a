import { webcrypto } from 'node:crypto'
import { FIELD, inverse } from '../field/field.ts'
import { publicCount, type R1cs } from '../toolchain/r1cs.ts'
import type { Group } from './curve.ts'
import { evaluateQap } from './qap.ts'
import type { VerifyingKey } from './verifyingKey.ts'
import { zkeyFile } from './zkey.ts'

/** Keys of one circuit and where they come from. */
export interface Keys {
  setup: 'dev-insecure'
  zkey: Uint8Array
  verifyingKey: VerifyingKey
}

/** @returns a number of the field, not zero, from the system's randomness */
export function randomScalar(): bigint {
  for (;;) {
    const words = webcrypto.getRandomValues(new BigUint64Array(4))
    const value = words.reduce((sum, word) => (sum << 64n) | word, 0n) >> 2n
    if (value > 0n && value < FIELD) return value
  }
}

/**
 * Makes keys for development in seconds, by drawing the secrets of the set-up and using them.
 *
 * Whoever runs this could keep the secrets and forge any proof, so the keys carry `setup: 'dev-insecure'`, are rebuilt into an
 * ignored folder and never belong into a repository or onto a public chain. For those, see keys/ceremony.
 * @param random source of the secrets; pass one with a seed for test vectors only
 */
export function devInsecureKeys(
  r1cs: R1cs,
  { g1, g2 }: { g1: Group; g2: Group },
  random: () => bigint = randomScalar,
): Keys {
  const [point, alpha, beta, gamma, delta] = [random(), random(), random(), random(), random()]
  const qap = evaluateQap(r1cs, point!)
  const perGamma = inverse(gamma!)
  const perDelta = inverse(delta!)
  const combined = qap.a.map((a, wire) => (beta! * a + alpha! * qap.b[wire]! + qap.c[wire]!) % FIELD)
  const signals = publicCount(r1cs) + 1
  const points = {
    alpha1: g1.multiples([alpha!]),
    beta1: g1.multiples([beta!]),
    beta2: g2.multiples([beta!]),
    gamma2: g2.multiples([gamma!]),
    delta1: g1.multiples([delta!]),
    delta2: g2.multiples([delta!]),
    ic: g1.multiples(combined.slice(0, signals).map((value) => (value * perGamma) % FIELD)),
    a: g1.multiples(qap.a),
    b1: g1.multiples(qap.b),
    b2: g2.multiples(qap.b),
    c: g1.multiples(combined.slice(signals).map((value) => (value * perDelta) % FIELD)),
    h: g1.multiples(qap.odd.map((value) => (value * perDelta) % FIELD)),
  }
  const first = (bytes: Uint8Array) => [...g1.coordinates(bytes).map(String), '1']
  const second = (bytes: Uint8Array) => {
    const [x0, x1, y0, y1] = g2.coordinates(bytes).map(String)
    return [
      [x0!, x1!],
      [y0!, y1!],
      ['1', '0'],
    ]
  }
  return {
    setup: 'dev-insecure',
    zkey: zkeyFile(r1cs, points),
    verifyingKey: {
      protocol: 'groth16',
      curve: 'bn128',
      nPublic: signals - 1,
      vk_alpha_1: first(points.alpha1),
      vk_beta_2: second(points.beta2),
      vk_gamma_2: second(points.gamma2),
      vk_delta_2: second(points.delta2),
      IC: Array.from({ length: signals }, (_, index) =>
        first(points.ic.subarray(64 * index, 64 * (index + 1))),
      ),
    },
  }
}
