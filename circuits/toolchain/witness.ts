import { FIELD, reduce } from '../field/field.ts'
import { readField } from './r1cs.ts'

/** Values for the inputs of a circuit by name; a list may be nested, as the signal is. */
export type CircuitInputs = Record<string, Input>
type Input = bigint | number | string | readonly Input[]

interface Generator {
  init(sanityCheck: number): void
  getInputSignalSize(high: number, low: number): number
  getInputSize(): number
  setInputSignal(high: number, low: number, index: number): void
  getWitnessSize(): number
  getWitness(index: number): void
  readSharedRWMemory(word: number): number
  writeSharedRWMemory(word: number, value: number): void
  getMessageChar(): number
}

/** Words of 32 bits in a field element. */
const WORDS = 8

/** Bytes of a `.wtns` file before its values. */
export const WTNS_HEADER_BYTES = 76

/** The inputs have the circuit's shape and break one of its checks: nobody can prove what they say. */
export class WitnessRefused extends Error {
  override readonly name = 'WitnessRefused'
}

/** Makes the witness of one circuit: the value of every wire, in the order of the `.r1cs` file. */
export type WitnessOf = (inputs: CircuitInputs) => bigint[]

/**
 * Loads the witness generator that the compiler made. It keeps its memory, so one instance serves many proofs: a few
 * milliseconds each for the small circuits.
 * @throws RangeError when an input is missing, unknown or of another length
 * @throws WitnessRefused when a check of the circuit fails
 */
export async function loadWitness(wasm: Uint8Array): Promise<WitnessOf> {
  const module = await WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>)
  let message = ''
  const instantiate = async () => {
    const instance = await WebAssembly.instantiate(module, {
      runtime: {
        exceptionHandler: (code: number) => {
          throw new WitnessRefused(`The witness generator stopped with code ${code}. ${message}`.trim())
        },
        printErrorMessage: () => {
          message += ` ${text()}`
        },
        writeBufferMessage: () => text(),
        showSharedRWMemory: () => undefined,
      },
    })
    const generator = instance.exports as unknown as Generator
    const text = () => {
      let line = ''
      for (let char = generator.getMessageChar(); char !== 0; char = generator.getMessageChar()) {
        line += String.fromCharCode(char)
      }
      return line
    }
    return generator
  }
  const generator = await instantiate()
  return (inputs) => {
    message = ''
    generator.init(0)
    let given = 0
    for (const [name, value] of Object.entries(inputs)) {
      const [high, low] = signalHash(name)
      const values = flatten(value)
      const expected = generator.getInputSignalSize(high, low)
      if (expected !== values.length) {
        throw new RangeError(
          `The circuit takes ${Math.max(0, expected)} values as "${name}", not ${values.length}.`,
        )
      }
      for (const [index, item] of values.entries()) {
        let rest = reduce(BigInt(item))
        for (let word = 0; word < WORDS; word++, rest >>= 32n) {
          generator.writeSharedRWMemory(word, Number(rest & 0xffffffffn))
        }
        generator.setInputSignal(high, low, index)
        given++
      }
    }
    if (given < generator.getInputSize())
      throw new RangeError(`The circuit takes ${generator.getInputSize()} values, not ${given}.`)
    const element = new DataView(new ArrayBuffer(32))
    return Array.from({ length: generator.getWitnessSize() }, (_, wire) => {
      generator.getWitness(wire)
      for (let word = 0; word < WORDS; word++)
        element.setUint32(4 * word, generator.readSharedRWMemory(word), true)
      return readField(element, 0)
    })
  }
}

/** @returns the numbers of a nested list in order */
const flatten = (input: Input): (bigint | number | string)[] =>
  typeof input === 'object' ? input.flatMap(flatten) : [input]

/** FNV-1a of a signal's name in 64 bits, by which a generator knows its inputs. */
function signalHash(name: string): [high: number, low: number] {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(name))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)]
}

/** @returns the witness as a `.wtns` file, which provers read */
export function wtnsFile(witness: readonly bigint[]): Uint8Array {
  const file = new Uint8Array(WTNS_HEADER_BYTES + 32 * witness.length)
  const view = new DataView(file.buffer)
  file.set(new TextEncoder().encode('wtns'))
  for (const [offset, value] of [
    [4, 2],
    [8, 2],
    [12, 1],
    [16, 40],
    [24, 32],
    [60, witness.length],
    [64, 2],
  ] as const) {
    view.setUint32(offset, value, true)
  }
  writeField(view, 28, FIELD)
  view.setBigUint64(68, BigInt(32 * witness.length), true)
  for (const [wire, value] of witness.entries()) writeField(view, WTNS_HEADER_BYTES + 32 * wire, value)
  return file
}

/**
 * Reads what {@link wtnsFile} writes, and nothing else.
 * @throws RangeError for another field, version, length or layout, for a value that is not below the field's order, and when
 * the first value, which stands for the constant, is not 1
 */
export function readWtns(file: Uint8Array): bigint[] {
  const count = (file.length - WTNS_HEADER_BYTES) / 32
  if (!Number.isInteger(count) || count < 1) throw new RangeError('The witness file has a wrong length.')
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const witness = Array.from({ length: count }, (_, wire) => readField(view, WTNS_HEADER_BYTES + 32 * wire))
  if (witness.some((value) => value >= FIELD))
    throw new RangeError('A value of the witness is not of the field.')
  const expected = wtnsFile(witness)
  if (!file.subarray(0, WTNS_HEADER_BYTES).every((byte, index) => byte === expected[index]))
    throw new RangeError('Not a witness file over BN254.')
  if (witness[0] !== 1n) throw new RangeError('The first value of the witness is not 1.')
  return witness
}

/** Writes a number below 2^256 as 32 bytes, little-endian. */
export function writeField(view: DataView, offset: number, value: bigint): void {
  for (let word = 0; word < 4; word++)
    view.setBigUint64(offset + 8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true)
}
