import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import file from '../../vectors/hpke.json' with { type: 'json' }
import { deriveAnswerKey, eventParameters } from './sealEvents.ts'
import { generateSealKeyPair, importSealKeyPair, sealSuite } from './suite.ts'

const { rfc9180, rfc9458 } = file
const bytes = (hex: string) => hexToBytes(`0x${hex}`)
const hex = (buffer: ArrayBuffer) => bytesToHex(new Uint8Array(buffer)).slice(2)

/** Both contexts of RFC 9180, A.1.1. */
async function contexts() {
  const recipientKey = await importSealKeyPair({
    publicKey: `0x${rfc9180.pkRm}`,
    privateKey: `0x${rfc9180.skRm}`,
  })
  const info = bytes(rfc9180.info)
  const sender = await sealSuite.createSenderContext({
    recipientPublicKey: recipientKey.publicKey,
    info,
    ekm: bytes(rfc9180.ikmE),
  })
  const recipient = await sealSuite.createRecipientContext({ recipientKey, enc: bytes(rfc9180.enc), info })
  return { sender, recipient }
}

test('RFC 9180, A.1.1: keys are derived as published', async () => {
  for (const [ikm, publicKey] of [
    [rfc9180.ikmE, rfc9180.pkEm],
    [rfc9180.ikmR, rfc9180.pkRm],
  ] as const) {
    const pair = await sealSuite.kem.deriveKeyPair(bytes(ikm))
    assert.equal(hex(await sealSuite.kem.serializePublicKey(pair.publicKey)), publicKey)
  }
})

test('RFC 9180, A.1.1.1: every published message is sealed and opened at its place', async () => {
  const { sender, recipient } = await contexts()
  assert.equal(hex(sender.enc), rfc9180.enc)
  const published = new Map(rfc9180.encryptions.map((vector) => [vector.sequence, vector]))
  let checked = 0
  for (let sequence = 0; sequence <= 256; sequence++) {
    const vector = published.get(sequence)
    const { pt, aad } = vector ?? { pt: '00', aad: '' }
    const sealed = await sender.seal(bytes(pt), bytes(aad))
    if (vector) assert.equal(hex(sealed), vector.ct)
    assert.equal(hex(await recipient.open(sealed, bytes(aad))), pt)
    if (vector) checked += 1
  }
  assert.equal(checked, rfc9180.encryptions.length)
})

test('RFC 9180, A.1.1.2: both sides export the published secrets', async () => {
  const { sender, recipient } = await contexts()
  for (const { context, value } of rfc9180.exports) {
    assert.equal(hex(await sender.export(bytes(context), 32)), value)
    assert.equal(hex(await recipient.export(bytes(context), 32)), value)
  }
})

test('RFC 9458, appendix A: the answer is sealed as published', async () => {
  const secret = { encapsulated: bytes(rfc9458.enc), secret: bytes(rfc9458.secret) }
  const { key, nonce } = await deriveAnswerKey(secret, bytes(rfc9458.responseNonce))
  const sealed = await crypto.subtle.encrypt(eventParameters(nonce, 0, false), key, bytes(rfc9458.response))
  assert.equal(rfc9458.responseNonce + hex(sealed), rfc9458.encapsulatedResponse)
})

test('a generated pair survives being stored as text', async () => {
  const { publicKey, privateKey } = await generateSealKeyPair()
  assert.match(publicKey, /^0x[0-9a-f]{64}$/)
  assert.match(privateKey, /^0x[0-9a-f]{64}$/)
  const recipientKey = await importSealKeyPair({ publicKey, privateKey })
  const recipientPublicKey = await sealSuite.kem.deserializePublicKey(hexToBytes(publicKey as Hex))
  const { ct, enc } = await sealSuite.seal({ recipientPublicKey }, bytes('2a'))
  assert.equal(hex(await sealSuite.open({ recipientKey, enc }, ct)), '2a')
})
