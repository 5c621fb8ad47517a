import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { chunkSchema, DuckMeshError, executionProfileSchema } from '@duckmesh/protocol'
import type { Executor } from './executor.ts'
import { createOcrExecutor } from './ocrExecutor.ts'
import { completion, take } from './streamRequest.fixture.ts'

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code
const fixture = (type: string) => readFile(new URL(`./fixtures/invoice.${type}`, import.meta.url))
const ocr = (image: Buffer) => ({ api: 'ocr', image: image.toString('base64') }) as const
const text = 'Invoice 2041 of 12 May\nTotal: 18.50 DUCK\nPaid by the buyer.\n'

describe('ocrExecutor', () => {
  let executor: Executor
  before(async () => {
    executor = await createOcrExecutor()
  })
  after(() => executor?.close())

  for (const type of ['png', 'jpeg', 'webp']) {
    test(`reads the exact text of a ${type}`, async () => {
      const answer = await take(executor.generator!, ocr(await fixture(type)))
      assert.equal(answer.text, text)
      assert.deepEqual([answer.promptTokens, answer.finishReason, answer.pieces.length], [0, 'stop', 1])
      chunkSchema.parse({ index: 0, ...answer.pieces[0] })
    })
  }

  test('refuses an image that would fill the memory, before anything is decoded', async () => {
    const bomb = await fixture('png')
    bomb.writeUInt32BE(60_000, 16)
    bomb.writeUInt32BE(60_000, 20)
    await assert.rejects(take(executor.generator!, ocr(bomb)), (error: DuckMeshError) => {
      assert.equal(error.code, 'BAD_REQUEST')
      assert.deepEqual([error.details.width, error.details.height], [60_000, 60_000])
      return true
    })
    bomb.writeUInt32BE(20_000, 16)
    bomb.writeUInt32BE(1, 20)
    await assert.rejects(take(executor.generator!, ocr(bomb)), codeIs('BAD_REQUEST'))
  })

  test('a damaged image is refused and harms nobody', async () => {
    const image = await fixture('png')
    await assert.rejects(take(executor.generator!, ocr(image.subarray(0, 400))), codeIs('BAD_REQUEST'))
    await assert.rejects(take(executor.generator!, ocr(Buffer.from('GIF89a'))), codeIs('BAD_REQUEST'))
    assert.equal((await take(executor.generator!, ocr(image))).text, text)
  })

  test('an abort ends the work at once, and the next image is read', async () => {
    const stop = new AbortController()
    const image = await fixture('png')
    const aborted = take(executor.generator!, ocr(image), { signal: stop.signal })
    setTimeout(() => stop.abort(), 20)
    await assert.rejects(aborted, codeIs('CANCELLED'))
    assert.equal(executor.generator?.busy, 0)
    assert.equal((await take(executor.generator!, ocr(image))).text, text)
  })

  test('an image that takes too long ends with a timeout', async () => {
    const hasty = await createOcrExecutor({ timeoutMs: 1 })
    await assert.rejects(take(hasty.generator!, ocr(await fixture('png'))), codeIs('EXECUTOR_TIMEOUT'))
    await hasty.close()
  })

  test('serves images in turn and refuses beyond its bound', async () => {
    const small = await createOcrExecutor({ maxWaiting: 1 })
    const image = ocr(await fixture('webp'))
    const inside = [take(small.generator!, image), take(small.generator!, image)]
    await assert.rejects(take(small.generator!, image), codeIs('EXECUTOR_BUSY'))
    for (const answer of await Promise.all(inside)) assert.equal(answer.text, text)
    await small.close()
    await assert.rejects(take(small.generator!, image), codeIs('CANCELLED'))
  })

  test('names the model in the profile and takes nothing but images', async () => {
    const profile = executionProfileSchema.parse(executor.profile)
    assert.match(profile.engine, /^tesseract\.js@\d/)
    await assert.rejects(take(executor.generator!, completion()), codeIs('BAD_REQUEST'))
    assert.equal(executor.streamsOnly, true)
  })
})
