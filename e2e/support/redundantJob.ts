import assert from 'node:assert/strict'
import { DuckMeshError, parseDuck } from '@duckmesh/protocol'
import type { PreparedJob } from '@duckmesh/sdk'
import type { TestMesh } from './bringUp.ts'
import { readJournal } from './journal.ts'
import { type Money, moneyMoved } from './money.ts'
import { until } from './until.ts'

/** Three seats for 1 DUCK each, of which 1 % is the fee; every seat puts up 10 DUCK. */
export const jobTerms = {
  seats: 3,
  maxPriceWei: parseDuck('3'),
  bondWei: parseDuck('10'),
  acceptWithinSeconds: 60,
  execWindowSeconds: 30,
} as const
/** What a seat earns, and what of it is left when the fee has been taken. */
export const shareWei = parseDuck('1')
export const netShareWei = parseDuck('0.99')

/** What is asked; short, since the model is not what is tested. */
export const shortPrompt = { prompt: 'Once upon a time', maxTokens: 12 } as const

/** Builds and signs an order for three seats. */
export const orderJob = ({ client }: TestMesh, changes = {}): Promise<PreparedJob> =>
  client.prepareJob({ ...shortPrompt, ...jobTerms, ...changes })

/** Sends a job as a patient buyer does: the same one, until the coordinator has it. */
export const sendJob = ({ client }: TestMesh, job: PreparedJob): Promise<unknown> =>
  until('the coordinator took the job', () =>
    client.sendJob(job).catch((thrown) => {
      const error = DuckMeshError.from(thrown)
      assert.ok(error.retryable, `${error.code}: ${error.message}`)
    }),
  )

/** Makes sure that the price went to the three seats, and nothing else moved. */
export function assertAllPaid(before: Money, after: Money, seats: number[]): void {
  const { buyerWei, providers } = moneyMoved(before, after)
  assert.equal(buyerWei, -jobTerms.maxPriceWei, 'the buyer paid the price once')
  for (const { providerId, wei } of providers) {
    assert.equal(wei, seats.includes(providerId) ? netShareWei : 0n, `provider ${providerId}`)
    assert.equal(after.providers.get(providerId)?.lockedWei, 0n, `provider ${providerId} has a bond locked`)
  }
}

/** Makes sure that the seats were paid once on chain, at once or from their anchor, and gives the round that was paid. */
export async function assertMovedOnce({ client }: TestMesh, job: PreparedJob) {
  const chain = await client.getJobOnChain(job.jobId)
  const times = (kind: string) => chain.transactions.filter((entry) => entry.kind === kind).length
  const kinds = ['SeatsSettled', 'SeatsAnchored', 'JobFinalized']
  const moved = kinds.map(times).join()
  assert.ok(
    moved === '1,0,0' || moved === '0,1,1',
    `paid at once, or anchored once and settled once: ${moved}`,
  )
  assert.equal(chain.status, 'paid')
  assert.deepEqual(chain.outcome?.slashed, [])
  return chain.rounds[0]!
}

/** Makes sure that the journal of every seat holds one promise, the paid one, and that it was paid for. */
export async function assertJournals(mesh: TestMesh, job: PreparedJob): Promise<void> {
  const { seats, commitments } = await assertMovedOnce(mesh, job)
  for (const [index, seat] of seats.entries()) {
    const { name } = mesh.info.providers.find(({ providerId }) => providerId === seat)!
    const rows = () => readJournal(mesh.dataDirOf(name), job.jobId)
    await until(`${name} knows the end`, () => rows().every(({ state }) => state === 'final'))
    assert.deepEqual(
      rows().map(({ round, commitment, outcome }) => [round, commitment, outcome?.kind, outcome?.earnedWei]),
      [[0, commitments[index], 'paid', String(shareWei)]],
      name,
    )
  }
}
