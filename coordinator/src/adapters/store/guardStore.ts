import { DuckMeshError } from '@duckmesh/protocol'

/**
 * SQLSTATE classes and codes that mean "the database is away now": connection exceptions, insufficient resources,
 * shutdown and crash recovery. Source: PostgreSQL documentation, appendix A.
 */
const AWAY_STATES = /^(08...|53...|57P0[1-4])$/
/** Errors of the way to it. Source: Node.js documentation, "Common system errors". */
const AWAY_SYSTEM_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND'])
/** What the driver says without any code when a connection was cut or none was free in time. */
const AWAY_MESSAGES = /connection terminated|timeout exceeded when trying to connect|connection ended/i

/**
 * The same store, whose calls throw `STORE_UNAVAILABLE` while the database is away. All other errors stay as they are:
 * they are faults of ours.
 */
export function guardStore<T extends object>(store: T): T {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(value, target, args)
        return answer instanceof Promise ? answer.catch(rethrow) : answer
      }
    },
  })
}

function rethrow(cause: unknown): never {
  if (!isAway(cause)) throw cause
  throw new DuckMeshError('STORE_UNAVAILABLE', 'The database does not answer.', {}, { cause })
}

function isAway(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  const { code } = cause as NodeJS.ErrnoException
  if (code !== undefined) return AWAY_SYSTEM_CODES.has(code) || AWAY_STATES.test(code)
  return AWAY_MESSAGES.test(cause.message)
}
