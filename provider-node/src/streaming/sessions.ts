import { authenticate, type MeshDomain, sessionIn } from '@duckmesh/protocol'
import type { Address } from 'viem'

/** Sessions that are remembered. */
const MOST_KNOWN = 4_096

/** Authenticates headers and remembers those that held, so that a signature is recovered once and not for each call. */
export class Sessions {
  readonly #domain: MeshDomain
  readonly #audience: Address
  readonly #nowMs: () => number
  readonly #known = new Map<string, { account: Address; expiresAt: number }>()

  /** @param audience this provider's signing key */
  constructor(domain: MeshDomain, audience: Address, nowMs: () => number) {
    this.#domain = domain
    this.#audience = audience
    this.#nowMs = nowMs
  }

  /**
   * The account behind an `Authorization` header.
   * @throws DuckMeshError `UNAUTHENTICATED`
   */
  async account(header: string | undefined): Promise<Address> {
    const nowSeconds = Math.floor(this.#nowMs() / 1_000)
    const known = header === undefined ? undefined : this.#known.get(header)
    if (known && known.expiresAt >= nowSeconds) return known.account
    const account = await authenticate(this.#domain, header, this.#audience, nowSeconds)
    const signed = sessionIn(header)
    if (header !== undefined && signed) this.#remember(header, account, signed.session.expiresAt)
    return account
  }

  #remember(header: string, account: Address, expiresAt: number): void {
    this.#known.delete(header)
    this.#known.set(header, { account, expiresAt })
    if (this.#known.size <= MOST_KNOWN) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}
