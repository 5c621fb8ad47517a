import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { quantiseQ4, quantiseQ8 } from './quantise.ts'

/** A block of 32 weights that begins with the given ones and goes on with zeros. */
function block(...weights: number[]): Float32Array {
  const values = new Float32Array(32)
  values.set(weights)
  return values
}

const wave = Float32Array.from({ length: 320 }, (_, index) => Math.sin(index) * (1 + index / 100))

/** The weights that an engine computes with. Source: ggml, `dequantize_row_q8_0`. */
function restoreQ8(bytes: Buffer): number[] {
  return Array.from({ length: (bytes.length / 34) * 32 }, (_, index) => {
    const start = Math.floor(index / 32) * 34
    const scale = new DataView(bytes.buffer, bytes.byteOffset).getFloat16(start, true)
    return scale * bytes.readInt8(start + 2 + (index % 32))
  })
}

/** Source: ggml, `dequantize_row_q4_0`. */
function restoreQ4(bytes: Buffer): number[] {
  return Array.from({ length: (bytes.length / 18) * 32 }, (_, index) => {
    const start = Math.floor(index / 32) * 18
    const place = index % 32
    const pair = bytes[start + 2 + (place % 16)] as number
    const level = place < 16 ? pair & 15 : pair >> 4
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat16(start, true) * (level - 8)
  })
}

describe('quantiseQ8', () => {
  test('writes scale and bytes as ggml lays them out', () => {
    const bytes = quantiseQ8(block(127, -127, 1, -64))
    assert.equal(bytes.toString('hex', 0, 6), '003c7f8101c0')
    assert.equal(bytes.length, 34)
    assert.ok(bytes.subarray(6).every((byte) => byte === 0))
  })

  test('takes the half between two integers to the even one, up and down', () => {
    const bytes = quantiseQ8(block(127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5))
    assert.deepEqual([...new Int8Array(bytes.subarray(3, 9))], [0, 2, 2, 0, -2, -2])
  })

  test('a block of zeros is all zero bytes', () => {
    assert.deepEqual(quantiseQ8(new Float32Array(64)), Buffer.alloc(68))
  })

  test('is off by at most half a step and the rounding of the scale', () => {
    for (const [index, restored] of restoreQ8(quantiseQ8(wave)).entries()) {
      assert.ok(Math.abs(restored - wave[index]!) < (4.2 / 127) * 0.6, `weight ${index}`)
    }
  })

  test('refuses a row that does not fill its blocks', () => {
    assert.throws(() => quantiseQ8(new Float32Array(33)), RangeError)
  })
})

describe('quantiseQ4', () => {
  test('meets the largest weight exactly, with its sign, and packs two weights into a byte', () => {
    const values = block(-8, 7, 0.4, -0.4)
    values[16] = 3
    const bytes = quantiseQ4(values)
    assert.equal(bytes.length, 18)
    assert.equal(bytes.toString('hex', 0, 6), '003cb08f8888')
    assert.equal(restoreQ4(bytes)[0], -8)
    assert.equal(restoreQ4(bytes)[16], 3)
  })

  test('a positive extreme gives a negative scale', () => {
    assert.equal(quantiseQ4(block(8)).readUInt16LE(0), 0xbc00)
    assert.equal(restoreQ4(quantiseQ4(block(8)))[0], 8)
  })

  test('a block of zeros restores to zeros', () => {
    assert.ok(restoreQ4(quantiseQ4(new Float32Array(32))).every((weight) => weight === 0))
  })

  test('is off by at most one step, more than Q8_0', () => {
    const errorOf = (restored: number[]) =>
      Math.max(...restored.map((weight, i) => Math.abs(weight - wave[i]!)))
    const [coarse, fine] = [errorOf(restoreQ4(quantiseQ4(wave))), errorOf(restoreQ8(quantiseQ8(wave)))]
    assert.ok(coarse <= 4.2 / 8 + 0.01, `${coarse}`)
    assert.ok(coarse > fine * 5, `${coarse} and ${fine}`)
  })
})
