import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { zeroHash } from 'viem'
import { measureSla, mostSlaSamples, slaNeverMs, slaSamplesSchema } from './slaSamples.ts'
import { slaTierOf } from './slaTier.ts'

const answersOf = (times: (number | null)[]) => times.map((latencyMs) => ({ jobId: zeroHash, latencyMs }))
/** 1,000 looks of which some found nobody, and as many answers as given. */
const figuresOf = (missed: number, times: (number | null)[]) =>
  measureSla([{ looks: '0'.repeat(missed) + '1'.repeat(1_000 - missed), answers: answersOf(times) }])

describe('figures of a service level', () => {
  it('default: nearest-rank percentiles; the textbook case 15, 20, 35, 40, 50', () => {
    const { p50Ms, p95Ms, p99Ms, answers, errors } = figuresOf(0, [50, 20, 15, 40, 35])
    assert.deepEqual(
      { p50Ms, p95Ms, p99Ms, answers, errors },
      { p50Ms: 35, p95Ms: 50, p99Ms: 50, answers: 5, errors: 0 },
    )
  })

  it('behavior: an answer that never came is slower than any', () => {
    const times = [...Array<number>(95).fill(100), ...Array<null>(5).fill(null)]
    assert.equal(figuresOf(0, times).p95Ms, 100)
    assert.equal(figuresOf(0, [...times, null]).p95Ms, slaNeverMs)
    assert.equal(figuresOf(0, times).errors, 5)
  })

  it('behavior: nothing seen is no uptime and no tier', () => {
    const figures = measureSla([])
    assert.deepEqual(Object.values(figures), [0, 0, 0, 0, 0, 0, 0])
    assert.equal(slaTierOf(figures), 'none')
  })

  it('behavior: several windows count as one', () => {
    const one = { looks: '10', answers: answersOf([1]) }
    const other = { looks: '11', answers: answersOf([3, null]) }
    const { looks, uptimePpm, answers, errors, p50Ms } = measureSla([one, other])
    assert.deepEqual([looks, uptimePpm, answers, errors, p50Ms], [4, 750_000, 2, 1, 3])
  })

  it('error: more samples than a window may hold', () => {
    assert.ok(slaSamplesSchema.safeParse({ looks: '1'.repeat(mostSlaSamples), answers: [] }).success)
    assert.ok(!slaSamplesSchema.safeParse({ looks: '1'.repeat(mostSlaSamples + 1), answers: [] }).success)
    assert.ok(!slaSamplesSchema.safeParse({ looks: '12', answers: [] }).success)
  })
})

describe('tiers', () => {
  const twenty = (ms: number | null) => Array<number | null>(20).fill(ms)
  const tier = (missed: number, times: (number | null)[]) => slaTierOf(figuresOf(missed, times))

  it('default: each at its very bounds, and not beyond', () => {
    assert.equal(tier(1, twenty(400)), 'gold')
    assert.equal(tier(1, twenty(401)), 'silver')
    assert.equal(tier(2, twenty(400)), 'silver')
    assert.equal(tier(10, twenty(1_200)), 'silver')
    assert.equal(tier(10, twenty(1_201)), 'bronze')
    assert.equal(tier(11, twenty(1_200)), 'bronze')
    assert.equal(tier(30, twenty(2_500)), 'bronze')
    assert.equal(tier(30, twenty(2_501)), 'none')
    assert.equal(tier(31, twenty(2_500)), 'none')
    assert.equal(tier(0, twenty(null)), 'none')
  })

  it('behavior: too few samples make no tier, however good', () => {
    assert.equal(tier(0, twenty(1).slice(1)), 'none')
    const figures = measureSla([{ looks: '1'.repeat(19), answers: answersOf(twenty(1)) }])
    assert.equal(slaTierOf(figures), 'none')
  })
})
