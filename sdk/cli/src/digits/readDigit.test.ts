import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { mnist } from '@duckmesh/circuits/mnist'
import { PNG } from 'pngjs'
import { digitOf, drawDigit, readDigit } from './readDigit.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duckmesh-digit-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** A PNG of grey values, each pixel `scale` pixels wide. */
async function pngOf(values: ArrayLike<number>, side: number, scale = 1): Promise<string> {
  const png = new PNG({ width: side * scale, height: side * scale })
  for (let y = 0; y < side * scale; y++)
    for (let x = 0; x < side * scale; x++) {
      const value = values[Math.floor(y / scale) * side + Math.floor(x / scale)]!
      png.data.set([value, value, value, 255], (y * side * scale + x) * 4)
    }
  const path = join(folder, `${side}-${scale}-${Math.random()}.png`)
  await writeFile(path, PNG.sync.write(png))
  return path
}

test('a PNG of a test image is what the classifier was trained with, inverted and enlarged too', async () => {
  const small = mnist('t10k', 14).pixels.subarray(0, 196)
  const large = mnist('t10k', 28).pixels.subarray(0, 784)
  // 16 times the 4-bit cells: their means are exact
  const bytes = Array.from(small, (value) => value * 16)
  assert.deepEqual(await readDigit(await pngOf(bytes, 14)), Array.from(small))
  assert.deepEqual(await readDigit(await pngOf(bytes, 14, 20)), Array.from(small))
  const paper = bytes.map((value) => 255 - value)
  assert.deepEqual(await readDigit(await pngOf(paper, 14, 3)), Array.from(small))
  assert.equal(
    (
      await readDigit(
        await pngOf(
          Array.from(large, (value) => value * 16),
          28,
        ),
      )
    ).length,
    196,
  )
})

test('opacity counts as white paper, and a side that is no multiple of 14 covers every pixel once', () => {
  const clear = new Uint8Array(14 * 14 * 4)
  assert.deepEqual(digitOf(clear, 14), Array(196).fill(0))
  const one = new Uint8Array(15 * 15 * 4).fill(0)
  for (let pixel = 0; pixel < 225; pixel++) one[pixel * 4 + 3] = 255
  one.set([255, 255, 255, 255], 224 * 4)
  assert.equal(
    digitOf(one, 15).reduce((sum, value) => sum + value),
    3,
  )
})

test('what is no square PNG of a fit size is refused before it is decoded', async () => {
  const text = join(folder, 'text.png')
  await writeFile(text, 'this is not an image at all, whatever its name says')
  const cut = join(folder, 'cut.png')
  await writeFile(cut, PNG.sync.write(new PNG({ width: 28, height: 28 })).subarray(0, 60))
  const wide = join(folder, 'wide.png')
  await writeFile(wide, PNG.sync.write(new PNG({ width: 28, height: 14 })))
  const bomb = PNG.sync.write(new PNG({ width: 28, height: 28 }))
  bomb.writeUInt32BE(60_000, 16)
  bomb.writeUInt32BE(60_000, 20)
  const huge = join(folder, 'huge.png')
  await writeFile(huge, bomb)
  for (const path of [text, cut, wide, huge, join(folder, 'none.png')])
    await assert.rejects(readDigit(path), { code: 'BAD_REQUEST' }, path)
})

test('an image is drawn in blocks, two for a pixel', () => {
  const lines = drawDigit([0, 15, 7, ...Array(193).fill(0)])
  assert.equal(lines.length, 14)
  assert.equal(lines[0], `  ██▒▒${' '.repeat(22)}`)
})
