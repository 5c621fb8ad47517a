import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Hex, zeroHash } from 'viem'
import { redundantVerdict, type SeatOutcome } from './majority.ts'

const hash = (letter: string): Hex => `0x${letter.repeat(64)}`
/** Seats from a text such as `a b . 1 -`: answers, a silent seat, a copy of seat 1, one that never committed. */
const seats = (text: string): SeatOutcome[] =>
  text.split(' ').map((mark, index) => {
    const own = { providerId: index + 1, commitment: hash(String(index + 1)) }
    if (mark === '.') return own
    if (mark === '-') return { ...own, commitment: zeroHash }
    if (/\d/.test(mark)) return { ...own, commitment: hash(mark) }
    return { ...own, outputHash: hash(mark) }
  })
const slashes = (text: string) =>
  redundantVerdict(seats(text)).slashed.map(({ providerId, reason }) => `${providerId} ${reason}`)

test('all agree: all win and nobody is slashed', () => {
  assert.deepEqual(redundantVerdict(seats('a a a')), {
    outputHash: hash('a'),
    winners: [1, 2, 3],
    slashed: [],
  })
})

test('the minority is slashed', () => {
  assert.equal(redundantVerdict(seats('a b a')).outputHash, hash('a'))
  assert.deepEqual(slashes('a b a'), ['2 minority'])
})

test('a majority is counted over the assigned seats, not over those that opened', () => {
  assert.equal(redundantVerdict(seats('a . .')).outputHash, undefined)
  assert.equal(redundantVerdict(seats('a a . . .')).outputHash, undefined)
  assert.equal(redundantVerdict(seats('a a a . .')).outputHash, hash('a'))
})

test('half is no majority', () => {
  assert.equal(redundantVerdict(seats('a a b .')).outputHash, undefined)
})

test('without a majority only silent and copying seats are slashed', () => {
  assert.deepEqual(slashes('a b .'), ['3 silent'])
  assert.deepEqual(slashes('a b c'), [])
})

test('a seat with the commitment of an opened seat is a copier; with that of an unopened one it is silent', () => {
  assert.deepEqual(slashes('a a 1'), ['3 copied'])
  assert.deepEqual(slashes('a . 2'), ['2 silent', '3 silent'])
})

test('a seat that never committed counts as assigned but loses nothing', () => {
  assert.deepEqual(slashes('a a -'), [])
  assert.equal(redundantVerdict(seats('a - -')).outputHash, undefined)
  assert.deepEqual(slashes('a . -'), ['2 silent'])
})
