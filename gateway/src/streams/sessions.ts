import { limits, type MeshDomain, sessionHeader, sessionTypedData } from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { Clock } from '../ports/clock.ts'
import type { VoucherKey } from '../ports/voucherKey.ts'

/** A session that has less than this left is signed anew, milliseconds. */
const SPARE_MS = 120_000

/** Signs sessions for providers, and uses each as long as it lasts. */
export class Sessions {
  readonly #key: VoucherKey
  readonly #domain: MeshDomain
  readonly #clock: Clock
  readonly #headers = new Map<Address, { expiresAtMs: number; header: Promise<string> }>()

  constructor(key: VoucherKey, domain: MeshDomain, clock: Clock) {
    this.#key = key
    this.#domain = domain
    this.#clock = clock
  }

  /** `Authorization` header for the provider with this signing key. */
  header(audience: Address): Promise<string> {
    const nowMs = this.#clock.nowMs()
    const held = this.#headers.get(audience)
    if (held && held.expiresAtMs - nowMs > SPARE_MS) return held.header
    // a provider whose clock runs a minute behind must not find that the session lives too long
    const expiresAt = Math.floor(nowMs / 1_000) + limits.maxSessionSeconds - 60
    const session = { account: this.#key.address, audience, expiresAt }
    const header = this.#key
      .signTypedData(sessionTypedData(this.#domain, session))
      .then((signature) => sessionHeader(session, signature))
    this.#headers.set(audience, { expiresAtMs: expiresAt * 1_000, header })
    return header
  }
}
