import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { MAX_ANSWER_BYTES, MAX_LINE_BYTES, sealedLines } from './sealedLines.ts'
import { createRelaySlots } from './slots.ts'

async function pass(...texts: string[]): Promise<string> {
  const chunks = (async function* () {
    for (const text of texts) yield new TextEncoder().encode(text)
  })()
  let passed = ''
  for await (const text of sealedLines(chunks)) passed += text
  return passed
}
const event = 'event: sealed\ndata: {"sealed":"c2VhbGVk"}\n\n'
const isCode = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code

test('sealed events pass, however they are cut into pieces', async () => {
  assert.equal(await pass(event, event), event + event)
  assert.equal(await pass(...event), event)
  assert.equal(await pass(event.replaceAll('\n', '\r\n')), event)
})

test('a comment keeps the connection open and loses its text', async () => {
  assert.equal(await pass(': the duck says quack\n\n', event), `:\n\n${event}`)
})

test('anything that is not sealed ends the answer before it is passed on', async () => {
  const open = [
    'event: chunk\n',
    'data: {"text":"quack"}\n',
    'data: {"sealed":"c2VhbGVk","text":"quack"}\n',
    'data: {"sealed":"not base64!"}\n',
    'id: quack\n',
    'retry: 1\n',
    '<html>\n',
  ]
  for (const line of open) {
    let passed = ''
    const chunks = (async function* () {
      yield new TextEncoder().encode(event)
      yield new TextEncoder().encode(line)
    })()
    const read = async () => {
      for await (const text of sealedLines(chunks)) passed += text
    }
    await assert.rejects(read(), isCode('UPSTREAM_ERROR'), line)
    assert.equal(passed, event)
  }
})

test('a line without end and an answer without end are cut off', async () => {
  await assert.rejects(pass('data: {"sealed":"', 'A'.repeat(MAX_LINE_BYTES)), isCode('UPSTREAM_ERROR'))
  const endless = (async function* () {
    const piece = new TextEncoder().encode(`data: {"sealed":"${'A'.repeat(65_536)}"}\n\n`)
    for (;;) yield piece
  })()
  let bytes = 0
  const read = async () => {
    for await (const text of sealedLines(endless)) bytes += text.length
  }
  await assert.rejects(read(), isCode('UPSTREAM_ERROR'))
  assert.ok(bytes <= MAX_ANSWER_BYTES)
})

test('a line that was begun and not ended is never passed on', async () => {
  assert.equal(await pass(event, 'data: {"sealed":"c2'), event)
})

test('places are counted in all and for each client, and come back once', () => {
  const slots = createRelaySlots(3, 2)
  const first = slots.take('a')
  slots.take('a')
  assert.throws(() => slots.take('a'), isCode('RATE_LIMITED'))
  slots.take('b')
  assert.throws(() => slots.take('c'), isCode('RATE_LIMITED'))
  first()
  first()
  slots.take('c')
  assert.throws(() => slots.take('d'), isCode('RATE_LIMITED'))
  assert.throws(() => createRelaySlots(0, 1).take('a'), isCode('NOT_FOUND'))
})
