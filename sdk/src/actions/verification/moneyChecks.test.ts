import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashCanonical, type Outcome } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import { createCheckList } from './check.ts'
import type { JobEvidence } from './jobEvidence.ts'
import { moneyChecks } from './moneyChecks.ts'

const submitted = hashCanonical('submitted')
const better = hashCanonical('better')
const accused = 9

/** Evidence of a disputed job of which each judge opened an output, or stayed silent. */
function evidenceOf(outputs: (Hex | undefined)[], upheld: boolean, outcome: Omit<Outcome, 'outputHash'>) {
  const seats = [4, 5, 6]
  const opened = new Map(seats.flatMap((seat, at) => (outputs[at] ? [[seat, outputs[at]] as const] : [])))
  const evidence = {
    status: { state: 'disputed', openings: [], order: { priceWei: 1_000n, bondWei: 23n, seats: 1 } },
    chain: {
      outputHash: submitted,
      dispute: { accused, upheld },
      rounds: [
        {
          round: 2,
          seats,
          commitments: seats.map((seat) => hashCanonical(seat)),
          opened,
          isOpenedKnown: true,
          closed: { outputHash: better, winnersMask: 1n },
        },
      ],
      outcome,
    },
  } as unknown as JobEvidence
  return evidence
}

const slash = (providerId: number, reason: string) => ({
  providerId,
  reason,
  toRequesterWei: 11n,
  toSeatsWei: 0n,
  burnedWei: 12n,
})
const lost = { ...slash(accused, 'dispute-lost'), toRequesterWei: 0n, toSeatsWei: 10n, burnedWei: 13n }

const upheld = () =>
  evidenceOf([better, submitted, better], true, {
    paid: [
      { providerId: 4, earnedWei: 5n },
      { providerId: 6, earnedWei: 5n },
    ],
    refundedWei: 1_000n,
    slashed: [lost, slash(5, 'minority')],
  })
const rejected = () =>
  evidenceOf([submitted, submitted, submitted], false, {
    paid: [
      { providerId: accused, earnedWei: 1_000n },
      ...[4, 5, 6].map((providerId) => ({ providerId, earnedWei: 3n })),
    ],
    refundedWei: 0n,
    slashed: [],
  })
const undecided = () =>
  evidenceOf([better, submitted, undefined], false, {
    paid: [{ providerId: accused, earnedWei: 1_000n }],
    refundedWei: 0n,
    slashed: [slash(6, 'silent')],
  })

function failedOf(evidence: JobEvidence): string[] {
  const list = createCheckList()
  moneyChecks(list, evidence)
  assert.ok(list.checks.some(({ name }) => name === 'dispute'))
  return list.checks.filter(({ ok }) => !ok).map(({ name }) => name)
}

describe('money of a disputed job', () => {
  it('default: upheld, rejected and undecided disputes hold', () => {
    for (const make of [upheld, rejected, undecided]) assert.deepEqual(failedOf(make()), [], make.name)
  })

  it('behavior: the contract keeps 168 bits of the submitted hash; the rest makes no difference', () => {
    const evidence = rejected()
    evidence.chain.outputHash = `${submitted.slice(0, -22)}${'0'.repeat(22)}` as Hex
    assert.deepEqual(failedOf(evidence), [])
    evidence.chain.outputHash = `${submitted.slice(0, -24)}${'0'.repeat(24)}` as Hex
    assert.ok(failedOf(evidence).includes('dispute'))
  })

  const faults: [string, () => JobEvidence, string[], (changed: JobEvidence) => void][] = [
    [
      'a dispute that the judges did not decide like this',
      upheld,
      ['dispute'],
      (e) => {
        e.chain.dispute!.upheld = false
      },
    ],
    [
      'an accused that kept its bond',
      upheld,
      ['slashes'],
      (e) => {
        e.chain.outcome!.slashed.shift()
      },
    ],
    [
      'a price that did not go back',
      upheld,
      ['payments'],
      (e) => {
        e.chain.outcome!.refundedWei = 0n
      },
    ],
    [
      'a judge that was paid too much',
      upheld,
      ['payments'],
      (e) => {
        e.chain.outcome!.paid[0]!.earnedWei += 1n
      },
    ],
    [
      'a provider that was right and not paid',
      rejected,
      ['payments'],
      (e) => {
        e.chain.outcome!.paid.shift()
      },
    ],
    [
      'a judge that is paid although nothing was decided',
      undecided,
      ['payments'],
      (e) => {
        e.chain.outcome!.paid.push({ providerId: 4, earnedWei: 11n })
      },
    ],
  ]
  for (const [fault, make, checks, change] of faults) {
    it(`error: ${fault} is found by "${checks}"`, () => {
      const changed = make()
      change(changed)
      assert.deepEqual(failedOf(changed), checks)
    })
  }
})
