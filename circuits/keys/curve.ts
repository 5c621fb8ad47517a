import { type Curve, curves } from 'snarkjs'

/** Width of the digits in which a scalar is read: −2^11 … 2^11, so that half of them are in the table. */
const DIGIT_BITS = 12
const BASE = 2 ** DIGIT_BITS
const DIGITS = Math.ceil(254 / DIGIT_BITS)
/** Points computed at once. */
const CHUNK = 2048

/** One of the two groups of BN254: points are affine, in Montgomery form, little-endian, as proving keys hold them. */
export interface Group {
  /** Bytes of a point: 64 or 128. */
  pointBytes: number
  /** @returns generator × scalar, for each scalar, one after another; for 0 the point at infinity, all zero */
  multiples(scalars: readonly bigint[]): Uint8Array
  /** @returns coordinates of one point as plain numbers: x, y, or for the second group x₀, x₁, y₀, y₁ */
  coordinates(point: Uint8Array): bigint[]
}

/**
 * Multiples of the generators by a table of every digit at every place: 22 additions for a scalar instead of some 380.
 * The curve arithmetic is the WebAssembly module that snarkjs carries; it is used on one thread.
 */
export async function loadGroups(): Promise<{ g1: Group; g2: Group }> {
  const curve = await curves.getCurveFromName('bn128', { singleThread: true })
  let free = curve.tm.memory.buffer.byteLength
  const reserve = (bytes: number) => {
    curve.tm.memory.grow(Math.ceil(bytes / 65536) + 1)
    free += 65536 * (Math.ceil(bytes / 65536) + 1)
    return free - 65536 * (Math.ceil(bytes / 65536) + 1)
  }
  return {
    g1: group(curve, 'g1m', 64, curve.G1.g, reserve),
    g2: group(curve, 'g2m', 128, curve.G2.g, reserve),
  }
}

function group(
  { tm }: Curve,
  prefix: 'g1m' | 'g2m',
  pointBytes: number,
  generator: Uint8Array,
  reserve: (bytes: number) => number,
): Group {
  const call = (name: string) => tm.instance.exports[name]!
  const [add, addMixed, double] = [
    call(`${prefix}_add`),
    call(`${prefix}_addMixed`),
    call(`${prefix}_double`),
  ]
  const subMixed = call(`${prefix}_subMixed`)
  const [toAffine, zero] = [call(`${prefix}_batchToAffine`), call(`${prefix}_zero`)]
  const jacobianBytes = (pointBytes / 2) * 3
  const perPlace = BASE / 2 + 1
  const work = reserve(Math.max(CHUNK, perPlace) * jacobianBytes)
  const table = reserve(DIGITS * perPlace * pointBytes)
  const base = reserve(jacobianBytes)
  const out = reserve(CHUNK * pointBytes)

  new Uint8Array(tm.memory.buffer).set(generator, base)
  for (let place = 0; place < DIGITS; place++) {
    zero(work)
    for (let digit = 1; digit < perPlace; digit++) {
      add(work + (digit - 1) * jacobianBytes, base, work + digit * jacobianBytes)
    }
    toAffine(work, perPlace, table + place * perPlace * pointBytes)
    for (let bit = 0; bit < DIGIT_BITS; bit++) double(base, base)
  }

  const chunk = (scalars: readonly bigint[]) => {
    for (const [index, scalar] of scalars.entries()) {
      const sum = work + index * jacobianBytes
      zero(sum)
      // four digits at a time, which a number holds exactly, for shifts of large integers are slow
      let place = 0
      let carry = 0
      for (let rest = scalar; rest > 0n || carry > 0; rest >>= BigInt(4 * DIGIT_BITS)) {
        let part = Number(BigInt.asUintN(4 * DIGIT_BITS, rest))
        for (const end = place + 4; place < end; place++) {
          const low = part % BASE
          part = (part - low) / BASE
          const digit = low + carry
          carry = digit > BASE / 2 ? 1 : 0
          const entry = table + (place * perPlace + Math.abs(digit - carry * BASE)) * pointBytes
          if (carry === 0 && digit > 0) addMixed(sum, entry, sum)
          else if (carry === 1 && digit < BASE) subMixed(sum, entry, sum)
        }
      }
    }
    toAffine(work, scalars.length, out)
    return new Uint8Array(tm.memory.buffer, out, scalars.length * pointBytes)
  }

  return {
    pointBytes,
    multiples(scalars) {
      const points = new Uint8Array(scalars.length * pointBytes)
      for (let start = 0; start < scalars.length; start += CHUNK) {
        points.set(chunk(scalars.slice(start, start + CHUNK)), start * pointBytes)
      }
      return points
    },
    coordinates(point) {
      new Uint8Array(tm.memory.buffer).set(point, work)
      call('f1m_batchFromMontgomery')(work, pointBytes / 32, work)
      const view = new DataView(tm.memory.buffer)
      return Array.from({ length: pointBytes / 32 }, (_, index) => {
        let value = 0n
        for (let word = 3; word >= 0; word--)
          value = (value << 64n) | view.getBigUint64(work + 32 * index + 8 * word, true)
        return value
      })
    },
  }
}
