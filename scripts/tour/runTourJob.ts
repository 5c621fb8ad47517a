import { DuckMeshError, formatDuck, type JobEvent, parseDuck } from '@duckmesh/protocol'
import type { DuckMeshClient, JobAnswer } from '@duckmesh/sdk'
import { stageTimes } from './stageTimes.ts'
import { seconds, type Terminal, wrap } from './terminal.ts'

/** What one job of the tour showed. */
export type TourJob = {
  jobId: string
  state: 'settled' | 'refunded' | 'expired'
  /** Whether all seats agreed, so that one transaction paid them. */
  isPaidAtOnce: boolean
  text: string | null
  paid: { provider: string; duck: string }[]
  slashed: { provider: string; reason: string; duck: string }[]
  checks: number
  receiptsVerified: number
  stagesMs: Record<string, number>
}

/** What a job of the tour asks for, and what it pays for three seats. */
export type TourOrder = { prompt: string; maxTokens: number; model: string | undefined; priceDuck: string }

/** Longest wait for one job, ms. */
const JOB_TIMEOUT_MS = 400_000

/** Tells the name of a provider by its number. */
export type NameOf = (providerId: unknown) => string

/**
 * Orders one answer from three seats, shows its life as it happens, and checks everything about it.
 * @throws DuckMeshError `RECEIPT_UNVERIFIED` when anything does not hold, or what stopped the job
 */
export async function runTourJob(
  client: DuckMeshClient,
  { prompt, maxTokens, model, priceDuck }: TourOrder,
  number: number,
  nameOf: NameOf,
  terminal: Terminal,
): Promise<TourJob> {
  terminal.line()
  terminal.line(
    `${terminal.style('bold', `Job ${number}`)}  “${prompt}”  ${terminal.style('dim', `${maxTokens} tokens, 3 seats, ${priceDuck} DUCK, bond 100 DUCK a seat`)}`,
  )
  const startedMs = Date.now()
  const events: JobEvent[] = []
  const tokens = new Map<string, number>()
  const onEvent = (event: JobEvent) => {
    events.push(event)
    if (event.type === 'progress') tokens.set(nameOf(event.data.providerId), Number(event.data.tokens))
    const running = [...tokens].map(([name, count]) => `${name} ${count}`).join(' · ')
    const isAnchored = events.some(({ type }) => type === 'anchored')
    const text = event.type === 'progress' ? `generating ${running}` : sayEvent(event, nameOf, isAnchored)
    if (event.type === 'progress') terminal.live(`  ${seconds(Date.now() - startedMs).padStart(9)}  ${text}`)
    else if (text)
      terminal.line(`  ${terminal.style('dim', seconds(Date.now() - startedMs).padStart(9))}  ${text}`)
  }
  const job = await client.submitJob({
    prompt,
    maxTokens,
    model,
    seats: 3,
    maxPriceWei: parseDuck(priceDuck),
    bondWei: parseDuck('100'),
    acceptWithinSeconds: 300,
    execWindowSeconds: 20,
  })
  try {
    const answer = await client.waitForResult(job.jobId, {
      timeoutMs: JOB_TIMEOUT_MS,
      onEvent,
      request: job.request,
    })
    return showAnswer(answer, events, nameOf, terminal)
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    if (error.code !== 'JOB_FAILED') throw error
    // nobody had a majority twice: the price went back, which is what the rules promise
    const { ok, checks, outcome, state } = await client.verifyJob(job.jobId)
    if (!ok || !outcome) throw error
    terminal.fact('Refunded', 'no majority: the whole price went back', 'yellow')
    const slashed = slashesOf(outcome, nameOf)
    for (const slash of slashed)
      terminal.fact('Slashed', `${slash.provider} lost ${slash.duck} DUCK: ${slash.reason}`, 'red')
    const jobState = state === 'expired' ? 'expired' : 'refunded'
    return {
      jobId: job.jobId,
      state: jobState,
      isPaidAtOnce: false,
      text: null,
      paid: [],
      slashed,
      checks: checks.length,
      receiptsVerified: 0,
      stagesMs: stageTimes(events),
    }
  }
}

function sayEvent({ type, data }: JobEvent, nameOf: NameOf, isAnchored: boolean): string | undefined {
  const names = (ids: unknown) => (Array.isArray(ids) ? ids.map(nameOf).join(', ') : '')
  switch (type) {
    case 'assigned':
      return `seats drawn: ${names(data.seats)}`
    case 'excused':
      return `${nameOf(data.providerId)} gave up its seat (${data.reason})`
    case 'committed':
      return `${nameOf(data.providerId)} committed to a result`
    case 'revealed':
      return `${nameOf(data.providerId)} showed the hash of its result`
    case 'anchored':
      return `${data.round === 0 ? 'not all seats agree: ' : ''}commitments and bonds are on chain`
    case 'reseating':
      return 'no majority: the job is seated once more'
    case 'settled':
      return isAnchored ? 'opened, judged and paid on chain' : 'all agree: paid in one transaction'
    case 'delayed':
      return `waiting: ${data.message ?? data.code}`
    default:
      return undefined
  }
}

const slashesOf = (outcome: JobAnswer['outcome'], nameOf: NameOf): TourJob['slashed'] =>
  outcome.slashed.map(({ providerId, reason, toRequesterWei, toSeatsWei, burnedWei }) => ({
    provider: nameOf(providerId),
    reason,
    duck: formatDuck(toRequesterWei + toSeatsWei + burnedWei),
  }))

/** Why a seat is slashed, in words. */
const REASONS: Record<string, string> = {
  minority: 'its answer differs from the majority',
  copied: "it signed another seat's commitment and could not open it",
  silent: 'it committed and never opened',
}

function showAnswer(answer: JobAnswer, events: JobEvent[], nameOf: NameOf, terminal: Terminal): TourJob {
  const { outcome, checks, receipts, text, jobId } = answer
  terminal.fact('Answer', wrap(text, 88, ' '.repeat(12)), 'cyan')
  const paid = outcome.paid.map(({ providerId, earnedWei }) => ({
    provider: nameOf(providerId),
    duck: formatDuck(earnedWei),
  }))
  const back = `back to you ${formatDuck(outcome.refundedWei)} DUCK`
  terminal.fact(
    'Paid',
    `${paid.map(({ provider, duck }) => `${provider} ${duck}`).join(', ')} DUCK (${back})`,
    'green',
  )
  const slashed = slashesOf(outcome, nameOf)
  for (const [index, { provider, reason, duck }] of slashed.entries()) {
    const { burnedWei, toRequesterWei } = outcome.slashed[index]!
    const where = `${formatDuck(burnedWei)} burned, ${formatDuck(toRequesterWei)} to you`
    terminal.fact('Slashed', `${provider} lost ${duck} DUCK: ${REASONS[reason] ?? reason} (${where})`, 'red')
  }
  terminal.fact(
    'Checked',
    `${checks.length} of ${checks.length} checks hold, ${receipts.length} receipts verified`,
  )
  return {
    jobId,
    state: 'settled',
    isPaidAtOnce: answer.transactions.some(({ kind }) => kind === 'SeatsSettled'),
    text,
    paid,
    slashed,
    checks: checks.length,
    receiptsVerified: receipts.length,
    stagesMs: stageTimes(events),
  }
}
