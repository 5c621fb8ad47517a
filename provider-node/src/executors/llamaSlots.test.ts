import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Token } from 'node-llama-cpp'
import { resolveModel } from '../models/modelRegistry.ts'
import { llamaRuntime } from './llamaRuntime.ts'
import { LlamaSlots } from './llamaSlots.ts'

test('a text gets the slot that shares most of its beginning, else the one used longest ago', async (t) => {
  const llama = await llamaRuntime()
  const model = await llama.loadModel({ modelPath: (await resolveModel('duck1m')).path, gpuLayers: 0 })
  t.after(() => model.dispose())
  const context = await model.createContext({ contextSize: 256, sequences: 2, threads: 1 })
  const slots = new LlamaSlots(context)
  const text = (...ids: number[]) => ids as Token[]
  const serve = async (tokens: Token[]) => {
    const slot = slots.take(tokens)
    const kept = await slots.keepShared(slot, tokens, tokens.length - 1)
    await slot.sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(kept))
    assert.deepEqual(slot.sequence.contextTokens, tokens)
    await slots.give(slot, false)
    return kept
  }
  assert.equal(await serve(text(1, 300, 301)), 0)
  assert.equal(await serve(text(1, 400, 401)), 0, 'too little is shared')
  assert.equal(await serve(text(1, 400, 402, 403)), 2)
  assert.equal(await serve(text(1, 300, 301, 302)), 3, 'the other text was still there')
  assert.equal(await serve(text(1, 300, 301, 302)), 3, 'one token is always read')
  assert.equal(await serve(text(500)), 0, 'takes the slot used longest ago')
  assert.equal(await serve(text(1, 300, 301, 302)), 3)
  const slot = slots.take(text(500, 501))
  assert.equal(await slots.keepShared(slot, text(500, 501, 502), 0), 0, 'no more than allowed')
  const before = slot.sequence
  await slots.give(slot, true)
  assert.equal(before.disposed, true, 'after a failure a slot is made anew')
  assert.equal(await serve(text(500, 501)), 0)
})
