import { DuckMeshError } from '@duckmesh/protocol'
import { type Logger, pino } from 'pino'

/** Names under which a secret could end up in a log line. */
const secrets = [
  'privateKey',
  'OWNER_PRIVATE_KEY',
  'SIGNING_PRIVATE_KEY',
  'OPENAI_API_KEY',
  'authorization',
  'salt',
]

/**
 * JSON lines on stdout, secrets removed.
 * @param level least level that is written
 */
export const createLogger = (level: string): Logger =>
  pino({
    level,
    base: null,
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '…' },
    serializers: { err: errorFacts },
  })

/** Causes are left out unless the error is a bug: those of the RPC client hold its URL and whole calls. */
function errorFacts(thrown: unknown): Record<string, unknown> {
  const error = DuckMeshError.from(thrown)
  const { code, message, details } = error
  if (code !== 'INTERNAL') return { code, message, details }
  const cause = error.cause instanceof Error ? error.cause : error
  return { code, message, details, stack: cause.stack }
}
