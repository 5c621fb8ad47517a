import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { systemClock } from '../adapters/systemClock.ts'
import { WaitingRoom } from './waitingRoom.ts'

describe('WaitingRoom', () => {
  it('behavior: whoever came first is told first, also when others began to wait before', async () => {
    const room = new WaitingRoom(systemClock)
    const { signal } = new AbortController()
    const told: number[] = []
    const [first, second, third] = [room.ticket(), room.ticket(), room.ticket()]
    for (const ticket of [third, first, second]) {
      void room.wait(ticket, 60_000, signal).then(() => told.push(ticket))
    }
    for (let count = 0; count < 3; count++) {
      room.next()
      await turn()
    }
    assert.deepEqual(told, [first, second, third])
  })

  it('behavior: who has looked again, or gave up, takes nobody else’s turn', async () => {
    const room = new WaitingRoom(systemClock)
    const leaving = new AbortController()
    const left = room.wait(room.ticket(), 60_000, leaving.signal)
    const over = room.wait(room.ticket(), 1, new AbortController().signal)
    let isTold = false
    const waits = room.wait(room.ticket(), 60_000, new AbortController().signal).then(() => {
      isTold = true
    })
    leaving.abort()
    await Promise.all([left, over])
    assert.equal(isTold, false)
    room.next()
    await waits
    room.next() // nobody waits
  })
})
