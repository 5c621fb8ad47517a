import type { Secp256k1 } from '@bitauth/libauth'

let curve: Promise<Secp256k1> | undefined

/**
 * libsecp256k1 in WebAssembly, loaded when it is first needed: it signs and recovers several times as fast as big integers
 * do, and in constant time. A page needs `'wasm-unsafe-eval'` in its policy for it.
 * @throws WebAssembly.CompileError where WebAssembly is not allowed
 */
export function loadCurve(): Promise<Secp256k1> {
  curve ??= load()
  return curve
}

async function load(): Promise<Secp256k1> {
  // the index of the package would load all of it, which takes a tenth of a second
  const { instantiateSecp256k1 } = await import('@bitauth/libauth/build/lib/crypto/secp256k1.js')
  // blinds what is computed with private keys
  return instantiateSecp256k1(crypto.getRandomValues(new Uint8Array(32)))
}
