import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashCanonical, type StreamRequest } from '@duckmesh/protocol'
import { zeroAddress } from 'viem'
import type { Clock } from '../ports/clock.ts'
import { PrefixAffinity } from './affinity.ts'
import type { Candidate } from './eligible.ts'
import { ProviderMemory } from './memory.ts'
import { defaultWeights, rank } from './rank.ts'

const heldClock = () => {
  const clock = { atMs: 0, nowMs: () => clock.atMs, sleep: async () => undefined }
  return clock satisfies Clock & { atMs: number }
}

const chat = (...texts: string[]): StreamRequest => ({
  api: 'chat',
  messages: texts.map((content) => ({ role: 'user', content })),
  tools: null,
  toolChoice: null,
  maxTokens: 8,
  temperature: 0,
  topP: 1,
  seed: 0,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
})
const text = (prompt: string): StreamRequest => {
  const { maxTokens, temperature, topP, seed, stop, topLogprobs, continueFrom } = chat('') as never
  return { api: 'completion', prompt, maxTokens, temperature, topP, seed, stop, topLogprobs, continueFrom }
}

const policy = hashCanonical('a profile')
const candidate = (
  providerId: number,
  streaming: Partial<Candidate['streaming']> = {},
  stakedWei = 100n,
): Candidate =>
  ({
    provider: { providerId, stakedWei, lockedWei: 0n, endpoint: 'http://x', owner: zeroAddress },
    policy,
    streaming: { requestWei: 0n, promptTokenWei: 1n, tokenWei: 10n, slots: 4, busy: 0, ...streaming },
  }) as unknown as Candidate

describe('ProviderMemory', () => {
  it('default: bars who broke its word, for some half-lives, and only holds back who was cut', () => {
    const clock = heldClock()
    const memory = new ProviderMemory(clock, 1_000)
    memory.noteFault(1, 'invalid')
    memory.noteFault(2, 'cut')
    assert.deepEqual([memory.isBarred(1), memory.isBarred(2), memory.isBarred(3)], [true, false, false])
    assert.equal(memory.faultWeight(2), 1)
    clock.atMs = 3_000
    assert.equal(memory.faultWeight(2), 0.125)
    assert.equal(memory.isBarred(1), true)
    clock.atMs = 4_001
    assert.equal(memory.isBarred(1), false)
  })

  it('behavior: many cuts in a short time bar as well; the time to the first token is a running mean', () => {
    const clock = heldClock()
    const memory = new ProviderMemory(clock, 60_000)
    for (let at = 0; at < 5; at++) {
      clock.atMs = at * 1_000
      memory.noteFault(1, 'cut')
    }
    assert.equal(memory.isBarred(1), true)
    clock.atMs = 0
    assert.equal(memory.firstTokenMs(1, policy), undefined)
    memory.noteFirstToken(1, policy, 100)
    memory.noteFirstToken(1, policy, 200)
    assert.equal(memory.firstTokenMs(1, policy), 130)
    memory.noteBusy(1, 50)
    assert.equal(memory.busyMs(1), 50)
    clock.atMs = 60
    assert.equal(memory.busyMs(1), 0)
  })

  it('behavior: what cuts many streams at once counts once; a broken word always', () => {
    const clock = heldClock()
    const memory = new ProviderMemory(clock, 60_000)
    for (let stream = 0; stream < 64; stream++) memory.noteFault(1, 'cut')
    assert.equal(memory.faultWeight(1), 1)
    clock.atMs = 999
    memory.noteFault(1, 'cut')
    assert.ok(memory.faultWeight(1) < 1)
    memory.noteFault(2, 'cut')
    assert.equal(memory.faultWeight(2), 1, 'of another provider it is another cause')
    memory.noteFault(1, 'invalid')
    assert.equal(memory.isBarred(1), true)
  })

  it('behavior: a stream that ends tells that there is room', () => {
    const clock = heldClock()
    const memory = new ProviderMemory(clock, 60_000)
    memory.noteBusy(1, 5_000)
    memory.noteRoom(1)
    assert.equal(memory.busyMs(1), 0)
  })
})

describe('PrefixAffinity', () => {
  it('default: knows the provider of the longest beginning', () => {
    const affinity = new PrefixAffinity()
    affinity.note(chat('a'), 1)
    affinity.note(chat('a', 'b', 'c'), 2)
    assert.equal(affinity.find(chat('a', 'x')), 1)
    assert.equal(affinity.find(chat('a', 'b', 'c', 'd')), 2)
    assert.equal(affinity.find(chat('b')), undefined)
    affinity.note(text('x'.repeat(3_000)), 3)
    assert.equal(affinity.find(text(`${'x'.repeat(2_500)} and more`)), 3)
    assert.equal(affinity.find(text('x'.repeat(500))), undefined)
  })

  it('behavior: forgets the oldest first and never grows without end', () => {
    const affinity = new PrefixAffinity()
    affinity.note(chat('first'), 1)
    for (let at = 0; at < 5_000; at++) affinity.note(chat(`chat ${at}`), 2)
    assert.equal(affinity.find(chat('first')), undefined)
    assert.equal(affinity.find(chat('chat 4999')), 2)
  })
})

describe('rank', () => {
  const order = (candidates: Candidate[], warm?: number, memory = new ProviderMemory(heldClock(), 1_000)) =>
    rank(candidates, { request: chat('hi'), memory, warm, random: () => 0 }, defaultWeights).map(
      ({ provider }) => provider.providerId,
    )

  it('default: cheaper, freer and better staked first', () => {
    assert.deepEqual(order([candidate(1, { tokenWei: 20n }), candidate(2)]), [2, 1])
    assert.deepEqual(order([candidate(1, { busy: 3 }), candidate(2)]), [2, 1])
    assert.deepEqual(order([candidate(1), candidate(2, {}, 1_000n)]), [2, 1])
  })

  it('behavior: quick ones first, but whoever was never measured is tried', () => {
    const memory = new ProviderMemory(heldClock(), 1_000)
    memory.noteFirstToken(1, policy, 900)
    memory.noteFirstToken(2, policy, 100)
    assert.deepEqual(order([candidate(1), candidate(2)], undefined, memory), [2, 1])
    assert.equal(order([candidate(1), candidate(3), candidate(2)], undefined, memory).at(-1), 1)
  })

  it('behavior: a warm prefix beats a somewhat better price while there is a free slot', () => {
    assert.deepEqual(order([candidate(1, { tokenWei: 11n }), candidate(2)], 1), [1, 2])
    assert.deepEqual(order([candidate(1, { tokenWei: 11n, busy: 4 }), candidate(2)], 1), [2, 1])
  })

  it('behavior: a free provider asks no price: nothing divides by zero', () => {
    const free = candidate(1, { promptTokenWei: 0n, tokenWei: 0n }, 0n)
    assert.deepEqual(order([free, candidate(2)]), [1, 2])
    assert.deepEqual(order([free]), [1])
  })
})
