/** Bytes that `String.fromCharCode` takes at once without using up the stack. */
const SLICE_BYTES = 8_192

/** Base64 of bytes, with padding; works in browsers. Source: RFC 4648, section 4. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES))
  }
  return btoa(binary)
}

/**
 * Bytes of a base64 text.
 * @throws DOMException for a text that is not base64
 */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
