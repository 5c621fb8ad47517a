import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AbiEvent,
  encodeAbiParameters,
  encodeEventTopics,
  getAbiItem,
  type Hex,
  type Log,
  padHex,
  zeroAddress,
  zeroHash,
} from 'viem'
import { duckMeshAbi } from '../generated/abi.ts'
import { outcomeFromLogs } from './outcome.ts'

const jobId = padHex('0x01', { size: 32 })
const submitted = padHex('0x0a', { size: 32 })
const better = padHex('0x0b', { size: 32 })

/** A log as the contract emits it. */
function log(eventName: string, args: Record<string, unknown>): Log {
  const item = getAbiItem({ abi: duckMeshAbi, name: eventName as 'JobDisputed' }) as AbiEvent
  const plain = item.inputs.filter((input) => !input.indexed)
  const topics = encodeEventTopics({ abi: [item], args: { jobId, ...args } } as never)
  const data = encodeAbiParameters(
    plain,
    plain.map(({ name }) => args[name!]),
  )
  return { address: zeroAddress, topics, data } as unknown as Log
}

const opening = (bondWei: bigint): Log[] => [
  log('JobCompleted', { providerId: 9, outputHash: submitted }),
  log('JobDisputed', { challenger: zeroAddress, bondWei, claimedOutputHash: better, seatBy: 1 }),
]
const closed = (outputHash: Hex, winnersMask: bigint) =>
  log('RedundantClosed', { round: 2, outputHash, winnersMask })
const paidToAccused = log('JobFinalized', { providerId: 9, paidWei: 100n, refundedWei: 0n })
const seats = new Map([[2, [4, 5, 6]]])

test('an upheld dispute: the majority is paid from the bond of the accused, and the price goes back', () => {
  const slashed = { providerId: 9, reason: 5, toRequester: 0n, toSeats: 10n, burned: 13n }
  const logs = [
    ...opening(23n),
    closed(better, 0b101n),
    log('DisputeResolved', { upheld: true }),
    log('ProviderSlashed', slashed),
    log('JobRefunded', { refundWei: 100n }),
    log('ProviderSlashed', { providerId: 5, reason: 1, toRequester: 11n, toSeats: 0n, burned: 12n }),
  ]
  assert.deepEqual(outcomeFromLogs(logs, seats), {
    outputHash: better,
    paid: [
      { providerId: 4, earnedWei: 5n },
      { providerId: 6, earnedWei: 5n },
    ],
    refundedWei: 100n,
    slashed: [
      { providerId: 9, reason: 'dispute-lost', toRequesterWei: 0n, toSeatsWei: 10n, burnedWei: 13n },
      { providerId: 5, reason: 'minority', toRequesterWei: 11n, toSeatsWei: 0n, burnedWei: 12n },
    ],
  })
})

test('a rejected dispute: the accused is paid the price, and the majority from the bond of the challenger', () => {
  const logs = [
    ...opening(23n),
    closed(submitted, 0b111n),
    log('DisputeResolved', { upheld: false }),
    paidToAccused,
  ]
  assert.deepEqual(outcomeFromLogs(logs, seats), {
    outputHash: submitted,
    paid: [
      { providerId: 9, earnedWei: 100n },
      { providerId: 4, earnedWei: 3n },
      { providerId: 5, earnedWei: 3n },
      { providerId: 6, earnedWei: 3n },
    ],
    refundedWei: 0n,
    slashed: [],
  })
})

test('a dispute without a majority, seated or not: the submitted output stands and no judge is paid', () => {
  const resolved = log('DisputeResolved', { upheld: false })
  for (const round of [[closed(zeroHash, 0n)], []]) {
    const outcome = outcomeFromLogs([...opening(23n), ...round, resolved, paidToAccused], seats)
    assert.deepEqual([outcome?.outputHash, outcome?.paid], [submitted, [{ providerId: 9, earnedWei: 100n }]])
  }
})

test('seats that were paid at once: each earned its share, and nothing came back', () => {
  const logs = [log('SeatsSettled', { outputHash: better, shareWei: 33n, seats: [4, 5, 6] })]
  assert.deepEqual(outcomeFromLogs(logs, new Map()), {
    outputHash: better,
    paid: [
      { providerId: 4, earnedWei: 33n },
      { providerId: 5, earnedWei: 33n },
      { providerId: 6, earnedWei: 33n },
    ],
    refundedWei: 0n,
    slashed: [],
  })
})

test('an open dispute has no outcome', () => {
  assert.equal(outcomeFromLogs(opening(23n), seats), undefined)
})
