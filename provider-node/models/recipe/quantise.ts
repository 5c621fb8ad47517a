/** Weights that share one scale in both formats. */
export const BLOCK_WEIGHTS = 32

/** Bits of a float16 (IEEE 754 binary16), rounded to nearest, ties to even. */
function halfBits(value: number): number {
  const half = new Float16Array([value])
  return new Uint16Array(half.buffer)[0] as number
}

/** Nearest integer, ties to even, as C's `rintf`; `Math.round` takes ties upwards. */
function roundEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

/** Calls `encode` with each block of 32 weights and its number. */
function eachBlock(values: Float32Array, encode: (block: Float32Array, index: number) => void): void {
  if (values.length % BLOCK_WEIGHTS !== 0) {
    throw new RangeError(`${values.length} weights are no multiple of ${BLOCK_WEIGHTS}.`)
  }
  for (let index = 0; index * BLOCK_WEIGHTS < values.length; index += 1) {
    encode(values.subarray(index * BLOCK_WEIGHTS, (index + 1) * BLOCK_WEIGHTS), index)
  }
}

/** 1/scale; 0 for a block of zeros. Every step is rounded to float32, so that the bytes are the same everywhere. */
function inverse(scale: number): number {
  return scale === 0 ? 0 : Math.fround(1 / scale)
}

/**
 * Q8_0: blocks of 34 bytes, a float16 scale and 32 signed bytes; weight = scale × byte.
 * Source: ggml, `block_q8_0` and `quantize_row_q8_0_ref`.
 * @throws RangeError when the number of weights is no multiple of 32
 */
export function quantiseQ8(values: Float32Array): Buffer {
  const bytes = Buffer.alloc((values.length / BLOCK_WEIGHTS) * 34)
  eachBlock(values, (block, index) => {
    const largest = block.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
    const scale = Math.fround(largest / 127)
    const factor = inverse(scale)
    bytes.writeUInt16LE(halfBits(scale), index * 34)
    for (const [place, weight] of block.entries()) {
      bytes.writeInt8(roundEven(Math.fround(weight * factor)), index * 34 + 2 + place)
    }
  })
  return bytes
}

/**
 * Q4_0: blocks of 18 bytes, a float16 scale and 32 numbers of 4 bits; weight = scale × (number − 8). Byte `i` holds
 * weight `i` in its low half and weight `i + 16` in its high half. The scale carries the sign of the weight that is
 * largest in size, so that this one is met exactly.
 * Source: ggml, `block_q4_0` and `quantize_row_q4_0_ref`.
 * @throws RangeError when the number of weights is no multiple of 32
 */
export function quantiseQ4(values: Float32Array): Buffer {
  const bytes = Buffer.alloc((values.length / BLOCK_WEIGHTS) * 18)
  eachBlock(values, (block, index) => {
    const extreme = block.reduce((most, weight) => (Math.abs(weight) > Math.abs(most) ? weight : most), 0)
    const scale = Math.fround(extreme / -8)
    const factor = inverse(scale)
    const level = (place: number) => {
      const shifted = Math.fround(Math.fround(block[place]! * factor) + 8.5)
      return Math.min(15, Math.max(0, Math.floor(shifted)))
    }
    bytes.writeUInt16LE(halfBits(scale), index * 18)
    for (let place = 0; place < 16; place += 1) {
      bytes[index * 18 + 2 + place] = level(place) | (level(place + 16) << 4)
    }
  })
  return bytes
}
