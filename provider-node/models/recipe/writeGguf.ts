/** Value types of GGUF metadata that we write, with their numbers in the format. */
export const ggufTypes = { uint32: 4, int32: 5, float32: 6, boolean: 7, string: 8, array: 9 } as const

type Scalar = 'uint32' | 'int32' | 'float32' | 'boolean' | 'string'

/** A metadata entry; an array has one element type. */
export type GgufEntry =
  | { key: string; type: Scalar; value: number | string | boolean }
  | { key: string; type: 'array'; of: Scalar; value: ReadonlyArray<number | string | boolean> }

/** Element types of tensors that we write, with their numbers in ggml. */
export const ggmlTypes = { F32: 0, Q4_0: 2, Q8_0: 8 } as const

/** A tensor whose data is already in its final form. */
export type GgufTensor = {
  name: string
  /** Sizes, the innermost first. */
  dimensions: readonly number[]
  type: keyof typeof ggmlTypes
  data: Uint8Array
}

const ALIGNMENT_BYTES = 32

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8')
  return Buffer.concat([uint64(bytes.length), bytes])
}

function scalar(type: Scalar, value: number | string | boolean): Buffer {
  const bytes = Buffer.alloc(4)
  switch (type) {
    case 'string':
      return text(String(value))
    case 'boolean':
      return Buffer.from([value ? 1 : 0])
    case 'float32':
      bytes.writeFloatLE(Number(value))
      return bytes
    case 'int32':
      bytes.writeInt32LE(Number(value))
      return bytes
    case 'uint32':
      return uint32(Number(value))
  }
}

function entryBytes(entry: GgufEntry): Buffer {
  const head = [text(entry.key), uint32(ggufTypes[entry.type])]
  if (entry.type !== 'array') return Buffer.concat([...head, scalar(entry.type, entry.value)])
  const elements = entry.value.map((value) => scalar(entry.of, value))
  return Buffer.concat([...head, uint32(ggufTypes[entry.of]), uint64(elements.length), ...elements])
}

function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((ALIGNMENT_BYTES - (sizeBytes % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES)
}

/**
 * Builds a GGUF file, version 3, little-endian: header, metadata, tensor list, then the tensor data, each part
 * starting at a multiple of 32 bytes.
 * Source: GGUF specification (ggml-org/ggml, docs/gguf.md).
 */
export function writeGguf(entries: readonly GgufEntry[], tensors: readonly GgufTensor[]): Buffer {
  const parts = [Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(entries.length)]
  parts.push(...entries.map(entryBytes))
  let offset = 0
  for (const { name, dimensions, type, data } of tensors) {
    parts.push(text(name), uint32(dimensions.length), ...dimensions.map(uint64))
    parts.push(uint32(ggmlTypes[type]), uint64(offset))
    offset += data.length + padding(data.length).length
  }
  const header = Buffer.concat(parts)
  const body = tensors.flatMap(({ data }) => [data, padding(data.length)])
  return Buffer.concat([header, padding(header.length), ...body])
}
