import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { RunQueue } from './runQueue.ts'

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code

/** A task that ends when told, and says when it began. */
function gate(name: string, log: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const task = () => {
    log.push(name)
    return promise
  }
  return { task, end: () => resolve(name), fail: () => reject(new Error(name)) }
}

describe('RunQueue', () => {
  test('starts tasks in the order they came, at most as many as there are slots', async () => {
    const log: string[] = []
    const queue = new RunQueue({ slots: 2, maxWaiting: 5 })
    const gates = ['a', 'b', 'c', 'd'].map((name) => gate(name, log))
    const runs = gates.map(({ task }) => queue.run(task))
    await Promise.resolve()
    assert.deepEqual(log, ['a', 'b'])
    gates[1]?.end()
    await runs[1]
    await new Promise(setImmediate)
    assert.deepEqual(log, ['a', 'b', 'c'])
    for (const { end } of gates) end()
    assert.deepEqual(await Promise.all(runs), ['a', 'b', 'c', 'd'])
    assert.equal(queue.size, 0)
  })

  test('a task that fails frees its slot', async () => {
    const log: string[] = []
    const queue = new RunQueue({ slots: 1, maxWaiting: 1 })
    const [bad, good] = [gate('bad', log), gate('good', log)]
    const runs = [queue.run(bad.task), queue.run(good.task)]
    bad.fail()
    good.end()
    await assert.rejects(runs[0] as Promise<string>, /bad/)
    assert.equal(await runs[1], 'good')
  })

  test('refuses beyond the waiting limit and takes work again later', async () => {
    const log: string[] = []
    const queue = new RunQueue({ slots: 1, maxWaiting: 1 })
    const [a, b, c] = [gate('a', log), gate('b', log), gate('c', log)]
    const inside = [queue.run(a.task), queue.run(b.task)]
    await assert.rejects(queue.run(c.task), (error: DuckMeshError) => {
      assert.equal(error.code, 'EXECUTOR_BUSY')
      assert.deepEqual(error.details, { running: 1, waiting: 1, retryAfterMs: 1_000 })
      return true
    })
    a.end()
    b.end()
    await Promise.all(inside)
    c.end()
    assert.equal(await queue.run(c.task), 'c')
  })

  test('an aborted task leaves the queue without ever starting, and its place is free', async () => {
    const log: string[] = []
    const queue = new RunQueue({ slots: 1, maxWaiting: 1 })
    const [a, b, c] = [gate('a', log), gate('b', log), gate('c', log)]
    const stop = new AbortController()
    const running = queue.run(a.task)
    const waiting = queue.run(b.task, stop.signal)
    stop.abort()
    await assert.rejects(waiting, codeIs('CANCELLED'))
    const next = queue.run(c.task)
    a.end()
    c.end()
    await Promise.all([running, next])
    assert.deepEqual(log, ['a', 'c'])
  })

  test('an abort after the start is left to the task', async () => {
    const queue = new RunQueue({ slots: 1, maxWaiting: 1 })
    const a = gate('a', [])
    const stop = new AbortController()
    const running = queue.run(a.task, stop.signal)
    stop.abort()
    a.end()
    assert.equal(await running, 'a')
  })

  test('a refusal says when to come again, from how long runs took', async () => {
    let nowMs = 0
    const queue = new RunQueue({ slots: 2, maxWaiting: 0, nowMs: () => nowMs })
    const serve = async (tookMs: number) => {
      const { task, end } = gate('a', [])
      const run = queue.run(task)
      await new Promise(setImmediate)
      nowMs += tookMs
      end()
      await run
    }
    await serve(400)
    await serve(900)
    const gates = [gate('a', []), gate('b', [])]
    const runs = gates.map(({ task }) => queue.run(task))
    await assert.rejects(queue.run(gate('c', []).task), (error: DuckMeshError) => {
      assert.equal(error.details.retryAfterMs, 250)
      return true
    })
    for (const { end } of gates) end()
    await Promise.all(runs)
  })

  test('idle resolves only when nothing runs or waits', async () => {
    const log: string[] = []
    const queue = new RunQueue({ slots: 1, maxWaiting: 1 })
    await queue.idle()
    const [a, b] = [gate('a', log), gate('b', log)]
    const runs = [queue.run(a.task), queue.run(b.task)]
    const idle = queue.idle().then(() => log.push('idle'))
    a.end()
    await runs[0]
    await new Promise(setImmediate)
    assert.deepEqual(log, ['a', 'b'])
    b.end()
    await idle
    assert.deepEqual(log, ['a', 'b', 'idle'])
  })
})
