import type { ProviderId } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Clock } from '../ports/clock.ts'

/** How much a fault counts when it happens. */
export const faultWeights = {
  /** The stream was cut, or its engine failed. */
  cut: 1,
  /** The provider broke its word. */
  invalid: 64,
} as const

/** Streams that are cut within this time are cut by one thing, and count once, milliseconds. */
const ONE_CAUSE_MS = 1_000
/** Weight at which a provider is not asked any more. */
const BARRED_AT = 4
/** Share of a new measurement in the running mean of the time to the first token. */
const NEW_SHARE = 0.3

/**
 * What this buyer has seen of providers: faults, which are forgotten by half every half-life, who is busy until when,
 * and how long first tokens take. Only its own eyes count; nothing a provider says about itself.
 */
export class ProviderMemory {
  readonly #clock: Clock
  readonly #halfLifeMs: number
  readonly #faults = new Map<ProviderId, { weight: number; atMs: number }>()
  readonly #cutAtMs = new Map<ProviderId, number>()
  readonly #busyUntilMs = new Map<ProviderId, number>()
  readonly #firstTokenMs = new Map<string, number>()
  readonly #caught = new Set<ProviderId>()

  /** @param halfLifeMs time in which a fault loses half its weight */
  constructor(clock: Clock, halfLifeMs: number) {
    this.#clock = clock
    this.#halfLifeMs = halfLifeMs
  }

  noteFault(providerId: ProviderId, fault: keyof typeof faultWeights): void {
    const nowMs = this.#clock.nowMs()
    const cutAtMs = this.#cutAtMs.get(providerId)
    if (fault === 'cut' && cutAtMs !== undefined && nowMs - cutAtMs < ONE_CAUSE_MS) return
    if (fault === 'cut') this.#cutAtMs.set(providerId, nowMs)
    const weight = this.faultWeight(providerId) + faultWeights[fault]
    this.#faults.set(providerId, { weight, atMs: nowMs })
  }

  /** Faults as far as they are remembered now. */
  faultWeight(providerId: ProviderId): number {
    const fault = this.#faults.get(providerId)
    if (!fault) return 0
    return fault.weight * 0.5 ** ((this.#clock.nowMs() - fault.atMs) / this.#halfLifeMs)
  }

  /** Never asks a provider again: there is evidence against it. */
  bar(providerId: ProviderId): void {
    this.#caught.add(providerId)
  }

  isCaught(providerId: ProviderId): boolean {
    return this.#caught.has(providerId)
  }

  isBarred(providerId: ProviderId): boolean {
    return this.faultWeight(providerId) >= BARRED_AT
  }

  noteBusy(providerId: ProviderId, forMs: number): void {
    this.#busyUntilMs.set(providerId, this.#clock.nowMs() + forMs)
  }

  /** A stream there has ended: there is room again, whatever was said before. */
  noteRoom(providerId: ProviderId): void {
    this.#busyUntilMs.delete(providerId)
  }

  /** How long the provider said it would be busy from now on, milliseconds; 0 when it is not. */
  busyMs(providerId: ProviderId): number {
    return Math.max(0, (this.#busyUntilMs.get(providerId) ?? 0) - this.#clock.nowMs())
  }

  /** Notes how long the first token took, milliseconds. */
  noteFirstToken(providerId: ProviderId, policy: Hex, tookMs: number): void {
    const key = `${providerId} ${policy}`
    const mean = this.#firstTokenMs.get(key) ?? tookMs
    this.#firstTokenMs.set(key, mean + NEW_SHARE * (tookMs - mean))
  }

  /** Running mean of the time to the first token, milliseconds; undefined when it was never measured. */
  firstTokenMs(providerId: ProviderId, policy: Hex): number | undefined {
    return this.#firstTokenMs.get(`${providerId} ${policy}`)
  }
}
