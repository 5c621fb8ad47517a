// BN254 by mcl in WebAssembly, which this file and twist.ts alone know. mcl comes as one script that holds its WebAssembly:
// nothing is fetched or evaluated, so a page needs `wasm-unsafe-eval` in its policy and nothing else.
import mcl, { type Fp2, type Fr, type G1, type G2, type GT } from 'mcl-wasm'
import { DuckMeshError } from '../errors/duckMeshError.ts'

/** A point of the first group, BN254 over its base field. */
export type G1Point = G1
/** A point of the second group, the twist over the quadratic extension. */
export type G2Point = G2

/** Points that are handed over at once: the stack there has 1 MiB, and a pair of points takes 432 bytes of it. */
const AT_ONCE = 512

/** What mcl's JavaScript keeps of its WebAssembly; its types leave it out. */
type Wasm = {
  stackSave(): number
  stackAlloc(bytes: number): number
  stackRestore(position: number): void
  /** product = Π millerLoop(g1[i], g2[i]), with common squarings; this function alone has no wrapper. */
  _mclBn_millerLoopVec(product: number, g1: number, g2: number, count: number): void
}

let starting: Promise<void> | undefined

/**
 * Loads mcl for this curve; to be awaited before any other function of this file, each time.
 * @throws DuckMeshError `BAD_CONFIG` where WebAssembly is not allowed
 */
export async function startPairing(): Promise<void> {
  // mcl is one for the whole process: other code in it may have set another curve meanwhile
  while (mcl.curveType !== mcl.BN_SNARK1) {
    starting ??= load().finally(() => {
      starting = undefined
    })
    await starting
  }
}

async function load(): Promise<void> {
  try {
    await mcl.init(mcl.BN_SNARK1)
  } catch (cause) {
    const message =
      "WebAssembly does not start here; a page's policy must have 'wasm-unsafe-eval' in script-src."
    throw new DuckMeshError('BAD_CONFIG', message, { setting: 'content-security-policy' }, { cause })
  }
}

const fp = (value: bigint) => {
  const element = new mcl.Fp()
  element.setStr(String(value), 10)
  return element
}

/** An element of the quadratic extension. @param parts below the order of the field */
export const fp2 = ([real, imaginary]: readonly [bigint, bigint]): Fp2 => {
  const element = new mcl.Fp2()
  element.set_a(fp(real))
  element.set_b(fp(imaginary))
  return element
}

const fr = (value: bigint): Fr => {
  const element = new mcl.Fr()
  element.setStr(String(value), 10)
  return element
}

/**
 * @param x below the order of the field, like `y`
 * @returns the point, which is in the group, or undefined for one off the curve
 */
export function g1At(x: bigint, y: bigint): G1Point | undefined {
  const point = new mcl.G1()
  point.setX(fp(x))
  point.setY(fp(y))
  point.setZ(fp(1n))
  return point.isValid() ? point : undefined
}

/** @returns x and y; both are 0 for the point at infinity */
export function coordinatesOf(point: G1Point): [x: bigint, y: bigint] {
  const affine = mcl.normalize(point)
  return [BigInt(affine.getX().getStr(10)), BigInt(affine.getY().getStr(10))]
}

export const negated = (point: G1Point): G1Point => mcl.neg(point)

/** @param scalar below the order of the group */
export const multiplied = (point: G1Point, scalar: bigint): G1Point => mcl.mul(point, fr(scalar))

/** Σ scalarᵢ · pointᵢ; scalars are below the order of the group, and may be 0. */
export function combine(points: readonly G1Point[], scalars: readonly bigint[]): G1Point {
  let sum = new mcl.G1() // zero
  for (let from = 0; from < points.length; from += AT_ONCE) {
    const factors = scalars.slice(from, from + AT_ONCE).map(fr)
    sum = mcl.add(sum, mcl.mulVec(points.slice(from, from + AT_ONCE), factors))
  }
  return sum
}

/** Whether the product of the pairings is one. */
export function productIsOne(pairs: readonly (readonly [G1Point, G2Point])[]): boolean {
  let product = new mcl.GT()
  product.setInt(1)
  for (let from = 0; from < pairs.length; from += AT_ONCE)
    product = mcl.mul(product, millerLoops(pairs.slice(from, from + AT_ONCE)))
  return mcl.finalExp(product).isOne()
}

/** Bytes of a point, and of a value of the target group, as mcl is compiled: six words of 64 bits to a coordinate. */
const COORDINATE_BYTES = 48
const G1_BYTES = 3 * COORDINATE_BYTES
const G2_BYTES = 6 * COORDINATE_BYTES
const GT_BYTES = 12 * COORDINATE_BYTES

function millerLoops(pairs: readonly (readonly [G1Point, G2Point])[]): GT {
  const { mod: wasm } = mcl as unknown as { mod: Wasm }
  const before = wasm.stackSave()
  try {
    const [result, firsts, seconds] = [
      wasm.stackAlloc(GT_BYTES),
      wasm.stackAlloc(pairs.length * G1_BYTES),
      wasm.stackAlloc(pairs.length * G2_BYTES),
    ]
    for (const [index, [first, second]] of pairs.entries()) {
      first.copyToMem(firsts + index * G1_BYTES)
      second.copyToMem(seconds + index * G2_BYTES)
    }
    wasm._mclBn_millerLoopVec(result, firsts, seconds, pairs.length)
    const product = new mcl.GT()
    product.copyFromMem(result)
    return product
  } finally {
    wasm.stackRestore(before)
  }
}
