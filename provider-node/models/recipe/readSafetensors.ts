import { z } from 'zod'

const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})
const headerSchema = z.record(z.string(), z.unknown())

/** A tensor in float32. */
export type Tensor = {
  /** Sizes, the outermost first. */
  shape: readonly number[]
  values: Float32Array
}

/**
 * Reads the float tensors of a safetensors file by name; integer ones are left out.
 * Layout: length of the header (u64, little-endian), header as JSON, then the data (huggingface/safetensors, README).
 * @throws RangeError when a tensor lies outside the file or its length does not fit its shape
 */
export function readSafetensors(file: Buffer): Map<string, Tensor> {
  const headerEnd = 8 + Number(file.readBigUInt64LE(0))
  const header = headerSchema.parse(JSON.parse(file.toString('utf8', 8, headerEnd)))
  const tensors = new Map<string, Tensor>()
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const { dtype, shape, data_offsets } = tensorSchema.parse(entry)
    if (dtype !== 'F16' && dtype !== 'F32') continue
    const [from, to] = data_offsets
    const count = shape.reduce((product, size) => product * size, 1)
    if (to - from !== count * (dtype === 'F16' ? 2 : 4) || headerEnd + to > file.length) {
      throw new RangeError(`The tensor ${name} does not fit its shape.`)
    }
    // a copy, because typed arrays begin at a multiple of their element
    const { buffer } = Uint8Array.from(file.subarray(headerEnd + from, headerEnd + to))
    const values = dtype === 'F16' ? Float32Array.from(new Float16Array(buffer)) : new Float32Array(buffer)
    tensors.set(name, { shape, values })
  }
  return tensors
}
