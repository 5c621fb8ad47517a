import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { imageSize } from './imageSize.ts'

const isRefused = (error: unknown) => error instanceof DuckMeshError && error.code === 'BAD_REQUEST'
const fixture = (type: string) => readFile(new URL(`./fixtures/invoice.${type}`, import.meta.url))
const webp = (kind: string, ...bytes: number[]) =>
  Buffer.concat([
    Buffer.from(`RIFF\0\0\0\0WEBP${kind}\0\0\0\0`, 'latin1'),
    Buffer.from(bytes),
    Buffer.alloc(16),
  ])

describe('imageSize', () => {
  for (const type of ['png', 'jpeg', 'webp']) {
    test(`reads the size of a ${type} that a browser wrote, and refuses every cut of its header`, async () => {
      const image = await fixture(type)
      assert.deepEqual(imageSize(image), { width: 480, height: 130 })
      for (let length = 0; length < 20; length += 1) {
        assert.throws(() => imageSize(image.subarray(0, length)), isRefused)
      }
    })
  }

  test('reads the other forms of WebP', () => {
    // 14 bits of width − 1, 14 bits of height − 1
    assert.deepEqual(imageSize(webp('VP8L', 0x2f, 0xdf, 0x41, 0x20, 0)), { width: 480, height: 130 })
    assert.deepEqual(imageSize(webp('VP8X', 0, 0, 0, 0, 0xdf, 1, 0, 0x81, 0, 0)), { width: 480, height: 130 })
    assert.throws(() => imageSize(webp('VP9 ')), isRefused)
  })

  test('refuses other formats, empty sizes and a JPEG whose segments lead nowhere', async () => {
    const png = await fixture('png')
    png.writeUInt32BE(0, 16)
    const loop = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0, 0])
    for (const image of [png, loop, Buffer.from('GIF89a'), Buffer.from('%PDF-1.7'), Buffer.alloc(64)]) {
      assert.throws(() => imageSize(image), isRefused)
    }
  })
})
