import {
  type EvidenceItem,
  type ExecutionEvidence,
  evidenceHash,
  mostSlaSamples,
  type SlaSamples,
  slaWindowOf,
} from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { NewEvidence, UnfiledSeat } from '../../ports/evidenceStore.ts'
import type { Looks } from './looks.ts'

/** Seats that are looked at in one transaction. */
const SEATS_AT_ONCE = 256

/**
 * Makes evidence of the receipts of seats that were paid. A seat is looked at once, in the transaction that keeps its
 * evidence, so a crash neither loses nor doubles any.
 */
export async function fileReceipts({ store, clock, domain }: Container): Promise<void> {
  for (;;) {
    const seats = await store.unfiledSeats(SEATS_AT_ONCE)
    const items = seats.filter(isPaid).map(({ receipt }): ExecutionEvidence => {
      return { kind: 'execution', ...receipt, paid: { by: 'order' } }
    })
    await store.fileSeats(
      seats,
      items.map((item) => ({ hash: evidenceHash(domain, item), item })),
      clock.nowMs(),
    )
    if (seats.length < SEATS_AT_ONCE) return
  }
}

// a seat that lost, or whose job was refunded, delivered something: but nothing that the chain paid for
const isPaid = ({ providerId, receipt, outcome }: UnfiledSeat): boolean =>
  outcome?.outputHash === receipt.receipt.outputHash &&
  outcome.paid.some((paid) => paid.providerId === providerId)

/**
 * Signs what was measured since the window began, of each provider, and begins the next window.
 * @param untilMs end of the window, unix ms
 */
export async function fileWindows(container: Container, looks: Looks, untilMs: number): Promise<void> {
  const { store, clock, config, domain, signer } = container
  const [from, until] = [looks.sinceMs, untilMs].map((ms) => Math.floor(ms / 1_000)) as [number, number]
  if (until <= from) return
  const records: NewEvidence[] = []
  for (const { providerId, looks: seen } of looks.seen()) {
    const { SEAT_TIMEOUT_MS } = config
    const answers = await store.answersOf(providerId, looks.sinceMs, untilMs, SEAT_TIMEOUT_MS, mostSlaSamples)
    if (seen === '' && answers.length === 0) continue // nothing is known
    const samples: SlaSamples = { looks: seen, answers }
    const window = slaWindowOf({ providerId, observer: signer.address, from, until }, samples)
    const signature = await signer.signSlaWindow(domain, window)
    const item: EvidenceItem = { kind: 'sla', window, samples, signature }
    records.push({ hash: evidenceHash(domain, item), item })
  }
  await store.addEvidence(records, clock.nowMs())
  looks.restart(untilMs)
}
