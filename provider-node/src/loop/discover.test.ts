import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DuckMeshError, type Work } from '@duckmesh/protocol'
import { pino } from 'pino'
import type { CoordinatorClient } from '../ports/coordinatorClient.ts'
import { backoffMs } from './backoff.ts'
import { discover } from './discover.ts'

/** Runs `discover` over scripted answers, with a clock that only notes how long it was asked to sleep. */
async function play(answers: (Work | DuckMeshError)[], started = true) {
  const stop = new AbortController()
  const sleptMs: number[] = []
  const cursors: number[] = []
  let connects = 0
  let taken = 0
  const coordinator = {
    work: async (after: number) => {
      cursors.push(after)
      const answer = answers.shift()
      if (answers.length === 0) stop.abort()
      if (answer instanceof DuckMeshError) throw answer
      return answer ?? { items: [], cursor: after }
    },
  } as Pick<CoordinatorClient, 'work'> as CoordinatorClient
  await discover(
    {
      clock: { nowMs: () => 0, sleep: async (ms) => void sleptMs.push(ms) },
      random: { fraction: () => 0.5, salt: () => '0x' },
      logger: pino({ level: 'silent' }),
      signal: stop.signal,
      coordinator,
    },
    async () => void connects++,
    () => {
      taken++
      return started
    },
  )
  return { sleptMs, cursors, connects, taken }
}

const away = new DuckMeshError('SERVICE_UNAVAILABLE', 'away')
const nothing = (cursor: number): Work => ({ items: [], cursor })
const jobId = `0x${'00'.repeat(32)}` as const
const item: Work['items'][number] = { type: 'open', jobId, round: 0, seats: [], commitments: [] }

describe('discover', () => {
  test('asks less and less often while the coordinator is away, and at once when it is back', async () => {
    const { sleptMs } = await play([away, away, away, nothing(0), away, nothing(0)])
    assert.deepEqual(
      sleptMs,
      [1, 2, 3, 1].map((failures) => backoffMs(failures, 0.5)),
    )
    assert.ok(sleptMs[0]! < sleptMs[1]! && sleptMs[1]! < sleptMs[2]!)
  })

  test('asks who the coordinator is, and for everything due, after each absence', async () => {
    const { connects, cursors } = await play([nothing(4), nothing(6), away, nothing(1), nothing(2)])
    assert.equal(connects, 2)
    assert.deepEqual(cursors, [0, 4, 6, 0, 1])
  })

  test('waits as long as a coordinator that limits it asks for', async () => {
    const limited = new DuckMeshError('RATE_LIMITED', 'slow down', { retryAfterMs: 7_000 })
    const { sleptMs } = await play([limited, nothing(0)])
    assert.deepEqual(sleptMs, [7_000])
  })

  test('does not spin when it is only given what is under way', async () => {
    const repeated = { items: [item, item], cursor: 0 }
    assert.deepEqual((await play([repeated, repeated, nothing(0)], false)).sleptMs, [250, 250])
    const fresh = await play([repeated, nothing(0)], true)
    assert.deepEqual([fresh.sleptMs, fresh.taken], [[], 2])
  })
})

describe('backoffMs', () => {
  test('doubles up to ten seconds, half of it random', () => {
    assert.equal(backoffMs(1, 0), 125)
    assert.equal(backoffMs(1, 1), 250)
    assert.equal(backoffMs(3, 0), 500)
    assert.equal(backoffMs(40, 0), 5_000)
    assert.equal(backoffMs(10_000, 1), 10_000)
  })
})
