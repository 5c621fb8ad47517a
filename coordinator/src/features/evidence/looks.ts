import { mostSlaSamples, type ProviderId } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'

/** Nodes that nobody has heard of for this long are no longer looked for, ms. */
const FORGET_MS = 86_400_000
/** By how much a look may be late, ms: after a longer pause it was this process that did not listen. */
const LATE_MS = 1_000

/** What was seen of one provider since a time. */
export type Seen = { providerId: ProviderId; looks: string }

type Parts = Pick<Container, 'store' | 'clock' | 'config'>

/**
 * Looks whether the nodes are there, kept in memory and bounded: a process that restarts begins a new window, and of a
 * window that grows too long the latest looks are kept. A look counts when this process has listened without a pause
 * for as long as a node may be silent: before that, who is not heard of may be there all the same.
 */
export class Looks {
  readonly #looks = new Map<ProviderId, string>()
  #listeningSinceMs: number
  #lookedAtMs: number
  /** Begin of the window, unix ms. */
  sinceMs: number

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs
    this.#listeningSinceMs = sinceMs
    this.#lookedAtMs = sinceMs
  }

  /** Notes for every node whether it was heard of in time. */
  async look({ store, clock, config }: Parts): Promise<void> {
    const nodes = await store.nodes()
    const nowMs = clock.nowMs()
    if (nowMs - this.#lookedAtMs > config.SLA_LOOK_MS + LATE_MS) this.#listeningSinceMs = nowMs
    this.#lookedAtMs = nowMs
    const isFair = nowMs - this.#listeningSinceMs >= config.NODE_TIMEOUT_MS
    for (const { providerId, lastSeenAtMs } of nodes) {
      if (lastSeenAtMs < nowMs - FORGET_MS) continue
      const look = isFair ? (lastSeenAtMs >= nowMs - config.NODE_TIMEOUT_MS ? '1' : '0') : ''
      this.#looks.set(providerId, `${this.#looks.get(providerId) ?? ''}${look}`.slice(-mostSlaSamples))
    }
  }

  /** Everything of the window so far; of a provider without a look that counts, an empty text. */
  seen(): Seen[] {
    return [...this.#looks].map(([providerId, looks]) => ({ providerId, looks }))
  }

  /** Begins the next window. */
  restart(sinceMs: number): void {
    this.#looks.clear()
    this.sinceMs = sinceMs
  }
}
