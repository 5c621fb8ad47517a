import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostSlaSamples } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { Looks } from './looks.ts'

/** Nodes by hand, and a clock that the test moves; looks are due every 100 ms, silence ends at 1,000. */
function setup() {
  const clock = { ms: 10_000, nowMs: () => clock.ms }
  const seenAt = new Map([[1, 10_000]])
  const nodes = async () => [...seenAt].map(([providerId, lastSeenAtMs]) => ({ providerId, lastSeenAtMs }))
  const config = { SLA_LOOK_MS: 100, NODE_TIMEOUT_MS: 1_000 }
  const parts = { clock, config, store: { nodes } } as unknown as Pick<
    Container,
    'store' | 'clock' | 'config'
  >
  const looks = new Looks(clock.ms)
  const look = async (times: number, isHeard: boolean) => {
    for (let time = 0; time < times; time++) {
      clock.ms += 100
      if (isHeard) seenAt.set(1, clock.ms)
      await looks.look(parts)
    }
  }
  return { clock, seenAt, looks, look, of: () => looks.seen().map((seen) => seen.looks) }
}

test('a node that is heard of is there, one that falls silent is away when its time is up', async () => {
  const { look, of } = setup()
  await look(9, true)
  assert.deepEqual(of(), [''], 'too early to tell')
  await look(3, true)
  await look(12, false)
  assert.deepEqual(of(), [`${'1'.repeat(13)}00`])
})

test('a process that did not listen blames nobody for it', async () => {
  const { clock, look, of } = setup()
  await look(12, true)
  clock.ms += 5_000 // it stood still: nobody was heard
  await look(9, false)
  await look(3, true)
  assert.deepEqual(of(), ['11111'], 'three before, two after it had listened long enough again')
})

test('keeps the latest looks of a window that grows too long, and forgets who left for good', async () => {
  const { clock, seenAt, look, looks, of } = setup()
  await look(10, true)
  await look(mostSlaSamples + 5, true)
  await look(11, false)
  assert.equal(of()[0]?.length, mostSlaSamples)
  assert.match(of()[0]!, /^1+0$/)
  looks.restart(clock.ms)
  assert.deepEqual(of(), [])
  seenAt.set(1, clock.ms - 90_000_000)
  await look(1, false)
  assert.deepEqual(of(), [])
})
