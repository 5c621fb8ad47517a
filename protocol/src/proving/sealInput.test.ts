import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateSealKeyPair } from '../privacy/suite.ts'
import { openTaskInput, sealTaskInput } from './sealInput.ts'

const domain = { chainId: 31_337, verifyingContract: `0x${'ab'.repeat(20)}` } as const
const context = { domain, proverId: 7, taskId: `0x${'01'.repeat(32)}` } as const
const secret = { inputs: { pixels: ['1', '2'], salt: '99' } }

test('the prover of the task opens its inputs, and the ciphertext shows only their bucket', async () => {
  const key = await generateSealKeyPair()
  const sealed = await sealTaskInput(secret, key.publicKey, context)
  assert.deepEqual(await openTaskInput(sealed, [key], context), secret)
  const other = await sealTaskInput({ inputs: { pixels: ['1'], salt: '1' } }, key.publicKey, context)
  assert.equal(other.ciphertext.length, sealed.ciphertext.length)
})

test('another key, task, prover or chain opens nothing, and a changed byte neither', async () => {
  const [key, stranger] = await Promise.all([generateSealKeyPair(), generateSealKeyPair()])
  const sealed = await sealTaskInput(secret, key.publicKey, context)
  const refused = (opened: Promise<unknown>) => assert.rejects(opened, { code: 'SEAL_BROKEN' })
  await refused(openTaskInput(sealed, [stranger], context))
  await refused(openTaskInput(sealed, [key], { ...context, taskId: `0x${'02'.repeat(32)}` }))
  await refused(openTaskInput(sealed, [key], { ...context, proverId: 8 }))
  await refused(openTaskInput(sealed, [key], { ...context, domain: { ...domain, chainId: 1 } }))
  const changed = `${sealed.ciphertext[0] === 'A' ? 'B' : 'A'}${sealed.ciphertext.slice(1)}`
  await refused(openTaskInput({ ...sealed, ciphertext: changed }, [key], context))
})
