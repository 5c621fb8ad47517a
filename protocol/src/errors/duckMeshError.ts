import { type ErrorCode, errorCodes } from './codes.ts'

/** JSON form of an error on the wire, in logs and in `--json` output. */
export type WireError = {
  code: string
  message: string
  hint: string
  retryable: boolean
  actor: string
  details: Record<string, unknown>
}

/**
 * The one error class that crosses a package border. What it means is looked up in `errorCodes` by its
 * stable `code`; what happened is in `message` and `details`.
 *
 * @example
 * throw new DuckMeshError('NONCE_USED', 'Order nonce 7 was used before.', { nonce: '7' })
 */
export class DuckMeshError extends Error {
  override readonly name = 'DuckMeshError'
  readonly code: ErrorCode
  /** Facts about this occurrence; JSON-safe, never secret. */
  readonly details: Record<string, unknown>

  constructor(
    code: ErrorCode,
    message: string,
    details: Record<string, unknown> = {},
    options: { cause?: unknown } = {},
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }

  /** What to do about it. */
  get hint(): string {
    return errorCodes[this.code].hint
  }

  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable
  }

  /** Who must act: the caller, a provider, the operator of the service, or the developers of DuckMesh. */
  get actor(): string {
    return errorCodes[this.code].actor
  }

  /** HTTP status that carries this error. */
  get status(): number {
    return errorCodes[this.code].status
  }

  /** JSON form for the wire. */
  toWire(): WireError {
    const { code, message, hint, retryable, actor, details } = this
    return { code, message, hint, retryable, actor, details }
  }

  /**
   * Rebuilds an error from its wire form. A code that this version does not know becomes `UPSTREAM_ERROR`
   * with the foreign code in `details`, so that a newer server never crashes an older client.
   */
  static fromWire(wire: WireError): DuckMeshError {
    if (Object.hasOwn(errorCodes, wire.code))
      return new DuckMeshError(wire.code as ErrorCode, wire.message, wire.details)
    return new DuckMeshError('UPSTREAM_ERROR', wire.message, { ...wire.details, upstreamCode: wire.code })
  }

  /** Turns anything thrown into a DuckMeshError; unknown throws become `INTERNAL` with the cause kept. */
  static from(thrown: unknown): DuckMeshError {
    if (thrown instanceof DuckMeshError) return thrown
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    return new DuckMeshError('INTERNAL', message, {}, { cause: thrown })
  }
}
