import { readFile } from 'node:fs/promises'
import { DuckMeshError } from '@duckmesh/protocol'
import { PNG } from 'pngjs'

/** Side of the images that the classifier reads. */
export const DIGIT_SIDE = 14
const MAX_SIDE = 4_096
const MAX_BYTES = 16_777_216
/** PNG signature and header up to the height. Source: PNG specification (third edition), sections 5.2 and 11.2.1. */
const HEADER_BYTES = 24

/**
 * Reads an image of a digit as the classifier was trained: 14×14, 4 bits a pixel, bright strokes on black.
 * - colours: grey = (299 red + 587 green + 114 blue) / 1,000 over white (ITU-R BT.601)
 * - a bright image (mean above 127) is inverted: ink on paper becomes light on black
 * - each cell is the mean of the pixels that it covers, divided by 16, rounded down
 *
 * An MNIST image of 28×28 gives exactly what it gave in training. Nothing is cut or centred.
 * @throws DuckMeshError `BAD_REQUEST` for a file that is no PNG, not square, or not from 14 to 4,096 pixels wide
 */
export async function readDigit(path: string): Promise<number[]> {
  const bad = (fault: string, cause?: unknown) =>
    new DuckMeshError('BAD_REQUEST', `${path} ${fault}.`, { argument: 'image' }, { cause })
  const file = await readFile(path).catch((cause: unknown) => {
    throw bad('cannot be read', cause)
  })
  if (file.length > MAX_BYTES) throw bad('has more than 16 MiB')
  if (file.length < HEADER_BYTES || file.toString('latin1', 1, 4) !== 'PNG') throw bad('is no PNG')
  // before anything is decoded: a small file may claim to be huge
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)]
  if (width !== height) throw bad(`is not square but ${width}×${height}`)
  if (width < DIGIT_SIDE || width > MAX_SIDE)
    throw bad(`is ${width} pixels wide, not ${DIGIT_SIDE} to ${MAX_SIDE}`)
  try {
    return digitOf(PNG.sync.read(file).data, width)
  } catch (cause) {
    throw bad('is a broken PNG', cause)
  }
}

/**
 * The same from pixels of 4 bytes each, red, green, blue and opacity.
 * @param side of the square, at least 14
 * @returns 196 values, 0 to 15, row after row
 */
export function digitOf(rgba: Uint8Array, side: number): number[] {
  const grey = Array.from({ length: side * side }, (_, pixel) => {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(pixel * 4, pixel * 4 + 4)
    const luma = (299 * red + 587 * green + 114 * blue) / 1_000
    return Math.round((luma * alpha + 255 * (255 - alpha)) / 255)
  })
  const isBright = grey.reduce((sum, value) => sum + value, 0) > 127 * grey.length
  const light = isBright ? grey.map((value) => 255 - value) : grey
  const bound = (cell: number) => Math.floor((cell * side) / DIGIT_SIDE)
  return Array.from({ length: DIGIT_SIDE * DIGIT_SIDE }, (_, cell) => {
    const [row, column] = [Math.floor(cell / DIGIT_SIDE), cell % DIGIT_SIDE]
    let sum = 0
    for (let y = bound(row); y < bound(row + 1); y++)
      for (let x = bound(column); x < bound(column + 1); x++) sum += light[y * side + x]!
    const count = (bound(row + 1) - bound(row)) * (bound(column + 1) - bound(column))
    return Math.floor(sum / (count * 16))
  })
}

/** The image as lines of text, two characters a pixel. */
export const drawDigit = (pixels: readonly number[]): string[] =>
  Array.from({ length: DIGIT_SIDE }, (_, row) =>
    pixels
      .slice(row * DIGIT_SIDE, (row + 1) * DIGIT_SIDE)
      .map((value) => '  ░░▒▒▓▓██'.slice(Math.floor((value * 5) / 16) * 2).slice(0, 2))
      .join(''),
  )
