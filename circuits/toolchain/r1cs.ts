import { FIELD } from '../field/field.ts'

/** A sum of signals, as the compiler stores it: wire numbers and, 32 bytes little-endian each, their factors. */
export interface Terms {
  wires: Uint32Array
  factors: Uint8Array
}

/** The constraints a · b = c of a circuit. Wire 0 is the constant 1; outputs, then public inputs follow it. */
export interface R1cs {
  wireCount: number
  outputCount: number
  publicInputCount: number
  constraints: { a: Terms; b: Terms; c: Terms }[]
}

/** @returns how many signals a verifier is given */
export const publicCount = (r1cs: R1cs): number => r1cs.outputCount + r1cs.publicInputCount

/** @returns log2 of the evaluation domain that Groth16 needs: every constraint, and one row for each public signal and 1 */
export const domainBits = (r1cs: R1cs): number =>
  Math.ceil(Math.log2(r1cs.constraints.length + publicCount(r1cs) + 1))

/** @returns how many factors are in the sums a, b and c: what proving keys and provers grow with, beside constraints */
export const nonZeros = (r1cs: R1cs): number =>
  r1cs.constraints.reduce((sum, { a, b, c }) => sum + a.wires.length + b.wires.length + c.wires.length, 0)

/** Reads a `.r1cs` file of format version 1. @throws RangeError for another field or format */
export function readR1cs(file: Uint8Array): R1cs {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (view.getUint32(0, true) !== 0x73633172 || view.getUint32(4, true) !== 1)
    throw new RangeError('Not a .r1cs file.')
  const sections = new Map<number, number>()
  for (let at = 12, left = view.getUint32(8, true); left > 0; left--) {
    sections.set(view.getUint32(at, true), at + 12)
    at += 12 + Number(view.getBigUint64(at + 4, true))
  }
  const header = sections.get(1)!
  const width = view.getUint32(header, true)
  if (width !== 32 || readField(view, header + 4) !== FIELD)
    throw new RangeError('The circuit is not over BN254.')
  const numbers = header + 36
  let at = sections.get(2)!
  const terms = (): Terms => {
    const count = view.getUint32(at, true)
    at += 4
    const wires = new Uint32Array(count)
    const factors = new Uint8Array(count * 32)
    for (let index = 0; index < count; index++) {
      wires[index] = view.getUint32(at, true)
      factors.set(file.subarray(at + 4, at + 36), index * 32)
      at += 36
    }
    return { wires, factors }
  }
  return {
    wireCount: view.getUint32(numbers, true),
    outputCount: view.getUint32(numbers + 4, true),
    publicInputCount: view.getUint32(numbers + 8, true),
    constraints: Array.from({ length: view.getUint32(numbers + 24, true) }, () => ({
      a: terms(),
      b: terms(),
      c: terms(),
    })),
  }
}

/** @returns the 32-byte little-endian number at `offset` */
export const readField = (view: DataView, offset: number): bigint =>
  view.getBigUint64(offset, true) |
  (view.getBigUint64(offset + 8, true) << 64n) |
  (view.getBigUint64(offset + 16, true) << 128n) |
  (view.getBigUint64(offset + 24, true) << 192n)

/** @returns the numbers of the constraints that `witness` breaks, without the help of any witness generator */
export function brokenConstraints(r1cs: R1cs, witness: readonly bigint[]): number[] {
  const value = ({ wires, factors }: Terms) => {
    const view = new DataView(factors.buffer, factors.byteOffset, factors.byteLength)
    let sum = 0n
    for (const [index, wire] of wires.entries()) sum += readField(view, index * 32) * witness[wire]!
    return sum % FIELD
  }
  return r1cs.constraints.flatMap(({ a, b, c }, index) =>
    (value(a) * value(b) - value(c)) % FIELD === 0n ? [] : [index],
  )
}
