import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HandOver } from './handOver.ts'

describe('HandOver', () => {
  test('gives all items that are ready at once, in order, then says that it is over', async () => {
    const items = new HandOver<number>(8)
    for (const item of [1, 2, 3]) assert.equal(items.put(item), undefined)
    assert.deepEqual(await items.take(), [1, 2, 3])
    items.put(4)
    items.close()
    assert.deepEqual(await items.take(), [4])
    assert.equal(await items.take(), undefined)
    assert.equal(await items.take(), undefined)
  })

  test('wakes a consumer that waits', async () => {
    const items = new HandOver<number>(8)
    const first = items.take()
    items.put(1)
    assert.deepEqual(await first, [1])
    const last = items.take()
    items.close()
    assert.equal(await last, undefined)
  })

  test('lets the producer wait at the limit until the consumer takes', async () => {
    const items = new HandOver<number>(2)
    assert.equal(items.put(1), undefined)
    let isFree = false
    const room = items.put(2)?.then(() => {
      isFree = true
    })
    assert.ok(room)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isFree, false)
    assert.deepEqual(await items.take(), [1, 2])
    await room
    assert.equal(isFree, true)
  })

  test('a failure comes after what is ready, frees the producer, and stays', async () => {
    const items = new HandOver<number>(1)
    const room = items.put(1)
    items.fail(new Error('first'))
    items.fail(new Error('second'))
    await room
    assert.deepEqual(await items.take(), [1])
    await assert.rejects(items.take(), /first/)
    await assert.rejects(items.take(), /first/)
    assert.equal(items.put(2), undefined, 'no one waits after the end')
  })
})
