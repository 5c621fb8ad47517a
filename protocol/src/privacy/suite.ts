import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { bytesToHex, type Hex, hexToBytes } from 'viem'

/**
 * The one suite of sealed streams: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode. It is named nowhere
 * on the wire, so there is nothing to negotiate and nothing to downgrade. Source: RFC 9180, sections 4 to 7.
 */
export const sealSuite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
})

/** An X25519 key pair, 32 bytes each. The private key never leaves its provider. */
export type SealKeyPair = { publicKey: Hex; privateKey: Hex }

/** Makes a key pair that requests can be sealed to. */
export async function generateSealKeyPair(): Promise<SealKeyPair> {
  const { kem } = sealSuite
  const pair = await kem.generateKeyPair()
  return {
    publicKey: bytesToHex(new Uint8Array(await kem.serializePublicKey(pair.publicKey))),
    privateKey: bytesToHex(new Uint8Array(await kem.serializePrivateKey(pair.privateKey))),
  }
}

/** A key pair as the suite takes it. */
export async function importSealKeyPair({ publicKey, privateKey }: SealKeyPair) {
  const { kem } = sealSuite
  const [opened, sealing] = await Promise.all([
    kem.deserializePrivateKey(hexToBytes(privateKey)),
    kem.deserializePublicKey(hexToBytes(publicKey)),
  ])
  return { privateKey: opened, publicKey: sealing }
}
