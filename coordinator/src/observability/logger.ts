import pino, { type Logger } from 'pino'

/**
 * JSON lines on standard output. Nothing secret is ever passed to it; authorisation headers are cut out besides.
 * @param level least severe level that is written
 */
export const createLogger = (level: string): Logger =>
  pino({
    level,
    base: { service: 'coordinator' },
    redact: ['headers.authorization', 'req.headers.authorization'],
  })
