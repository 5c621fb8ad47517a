import { DuckMeshError } from '@duckmesh/protocol'

/** Size of an image in pixels. */
export type ImageSize = { width: number; height: number }

/**
 * Reads the size of a PNG, JPEG or WebP image from its header, without decoding anything: a decoder takes the header
 * at its word and fills the memory.
 * Sources: PNG (W3C) 11.2.1, JPEG (ITU-T T.81) B.2.2, WebP (RFC 9649) 2.
 * @throws DuckMeshError `BAD_REQUEST` for any other format or a header that is cut
 */
export function imageSize(image: Buffer): ImageSize {
  const size = pngSize(image) ?? webpSize(image) ?? jpegSize(image)
  if (size && size.width > 0 && size.height > 0) return size
  throw new DuckMeshError('BAD_REQUEST', 'This is no PNG, JPEG or WebP image.', { field: 'image' })
}

function pngSize(image: Buffer): ImageSize | undefined {
  const isPng = image.length >= 24 && image.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n'
  if (!isPng || image.toString('latin1', 12, 16) !== 'IHDR') return undefined
  return { width: image.readUInt32BE(16), height: image.readUInt32BE(20) }
}

function webpSize(image: Buffer): ImageSize | undefined {
  if (image.length < 30 || image.toString('latin1', 0, 4) !== 'RIFF') return undefined
  if (image.toString('latin1', 8, 12) !== 'WEBP') return undefined
  switch (image.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: image.readUInt16LE(26) & 0x3fff, height: image.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = image.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: image.readUIntLE(24, 3) + 1, height: image.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}

/** Start-of-frame markers: C0 to CF but the three that mean something else. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

function jpegSize(image: Buffer): ImageSize | undefined {
  if (image.length < 4 || image.readUInt16BE(0) !== 0xffd8) return undefined
  let at = 2
  while (at + 9 <= image.length && image[at] === 0xff) {
    const marker = image[at + 1]!
    if (isFrame(marker)) return { height: image.readUInt16BE(at + 5), width: image.readUInt16BE(at + 7) }
    const isFill = marker === 0xff
    at += isFill ? 1 : 2 + image.readUInt16BE(at + 2)
  }
  return undefined
}
