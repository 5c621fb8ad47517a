import { FIELD } from '../field/field.ts'
import { domainBits, publicCount, type R1cs, readField } from '../toolchain/r1cs.ts'
import { writeField } from '../toolchain/witness.ts'

/** Order of the field that the coordinates of BN254 points are in. */
const COORDINATES = 21888242871839275222246405745257275088696311157297823662689037894645226208583n

/** Points of a proving key in the form of `Group.multiples`. */
export interface ProvingPoints {
  alpha1: Uint8Array
  beta1: Uint8Array
  beta2: Uint8Array
  gamma2: Uint8Array
  delta1: Uint8Array
  delta2: Uint8Array
  /** One for the constant and each public signal. */
  ic: Uint8Array
  /** One for each wire, in both groups for b. */
  a: Uint8Array
  b1: Uint8Array
  b2: Uint8Array
  /** One for each private wire. */
  c: Uint8Array
  /** One for each place of the domain. */
  h: Uint8Array
}

/** Writes a Groth16 proving key as the `.zkey` file that snarkjs and rapidsnark read. It records no contribution. */
export function zkeyFile(r1cs: R1cs, points: ProvingPoints): Uint8Array {
  const header = new Uint8Array(4 + 32 + 4 + 32 + 12)
  const view = new DataView(header.buffer)
  view.setUint32(0, 32, true)
  writeField(view, 4, COORDINATES)
  view.setUint32(36, 32, true)
  writeField(view, 40, FIELD)
  view.setUint32(72, r1cs.wireCount, true)
  view.setUint32(76, publicCount(r1cs), true)
  view.setUint32(80, 2 ** domainBits(r1cs), true)
  const { alpha1, beta1, beta2, gamma2, delta1, delta2 } = points
  return binaryFile('zkey', [
    [1, [Uint8Array.of(1, 0, 0, 0)]],
    [2, [header, alpha1, beta1, beta2, gamma2, delta1, delta2]],
    [4, [coefficients(r1cs)]],
    [3, [points.ic]],
    [9, [points.h]],
    [8, [points.c]],
    [5, [points.a]],
    [6, [points.b1]],
    [7, [points.b2]],
    [10, [new Uint8Array(64 + 4)]],
  ])
}

/** The factors of a and b, each times 2^512: one Montgomery product with a plain witness value then gives Montgomery form. */
function coefficients(r1cs: R1cs): Uint8Array {
  const square = 2n ** 512n % FIELD
  const count = r1cs.constraints.reduce((sum, { a, b }) => sum + a.wires.length + b.wires.length, 0)
  const rows = publicCount(r1cs) + 1
  const bytes = new Uint8Array(4 + 44 * (count + rows))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, count + rows, true)
  let at = 4
  const put = (matrix: number, row: number, wire: number, value: bigint) => {
    view.setUint32(at, matrix, true)
    view.setUint32(at + 4, row, true)
    view.setUint32(at + 8, wire, true)
    writeField(view, at + 12, (value * square) % FIELD)
    at += 44
  }
  for (const [row, { a, b }] of r1cs.constraints.entries()) {
    for (const [matrix, { wires, factors }] of [a, b].entries()) {
      const values = new DataView(factors.buffer)
      for (const [index, wire] of wires.entries()) put(matrix, row, wire, readField(values, 32 * index))
    }
  }
  for (let wire = 0; wire < rows; wire++) put(0, r1cs.constraints.length + wire, wire, 1n)
  return bytes
}

/** A file of numbered sections, as all files of this tool family are. */
function binaryFile(magic: string, sections: [number, Uint8Array[]][]): Uint8Array {
  const length = (parts: Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0)
  const file = new Uint8Array(12 + sections.reduce((sum, [, parts]) => sum + 12 + length(parts), 0))
  const view = new DataView(file.buffer)
  file.set(new TextEncoder().encode(magic))
  view.setUint32(4, 1, true)
  view.setUint32(8, sections.length, true)
  let at = 12
  for (const [number, parts] of sections) {
    view.setUint32(at, number, true)
    view.setBigUint64(at + 4, BigInt(length(parts)), true)
    at += 12
    for (const part of parts) {
      file.set(part, at)
      at += part.length
    }
  }
  return file
}
