import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Piece } from '../executors/generator.ts'
import { Outbox } from './outbox.ts'

const never = new AbortController().signal
const piece = (token: number, text = `${token} `): Piece => ({ text, tokens: [token], logprobs: [-token] })
const all = (outbox: Outbox) => {
  const parcels = []
  for (let parcel = outbox.take(); parcel; parcel = outbox.take()) parcels.push(parcel)
  return parcels
}

describe('Outbox', () => {
  test('what waits becomes one piece with the same content', async () => {
    const outbox = new Outbox()
    for (const token of [1, 2, 3]) await outbox.put({ piece: piece(token), tokens: 1 }, never)
    assert.deepEqual(all(outbox), [
      { piece: { text: '1 2 3 ', tokens: [1, 2, 3], logprobs: [-1, -2, -3] }, tokens: 3 },
    ])
    assert.equal(outbox.isEmpty, true)
  })

  test('alternatives and tool calls are joined in order, embeddings stay apart', async () => {
    const outbox = new Outbox()
    const rich = (token: number): Piece => ({ ...piece(token), topLogprobs: [[]], toolCalls: [token] })
    await outbox.put({ piece: rich(1), tokens: 1 }, never)
    await outbox.put({ piece: rich(2), tokens: 1 }, never)
    await outbox.put({ piece: { ...piece(3), embeddings: ['AAAA'] }, tokens: 0 }, never)
    const parcels = all(outbox)
    assert.equal(parcels.length, 2)
    assert.deepEqual(parcels[0]?.piece.toolCalls, [1, 2])
    assert.deepEqual(parcels[0]?.piece.topLogprobs, [[], []])
  })

  test('pieces without token ids stay apart, and so does what would be too large', async () => {
    const outbox = new Outbox()
    const hidden: Piece = { text: 'x', tokens: [], logprobs: [] }
    for (let count = 0; count < 3; count++) await outbox.put({ piece: hidden, tokens: 1 }, never)
    assert.equal(all(outbox).length, 3)
    for (let token = 0; token < 300; token++) await outbox.put({ piece: piece(token), tokens: 1 }, never)
    assert.deepEqual(
      all(outbox).map(({ tokens }) => tokens),
      [256, 44],
    )
  })

  test('the engine waits when it is full, and goes on when something was taken or all is over', async () => {
    const outbox = new Outbox()
    const end = new AbortController()
    const large = { piece: piece(1, 'x'.repeat(40_000)), tokens: 1 }
    const states: string[] = []
    const first = outbox.put(large, end.signal).then(() => states.push('first'))
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(states, [])
    outbox.take()
    await first
    const second = outbox.put(large, end.signal)
    end.abort()
    await second
  })
})
