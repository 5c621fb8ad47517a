import { type DuckMeshError, skippedSchema, stringifyWire } from '@duckmesh/protocol'
import picocolors from 'picocolors'
import { formatSkipped } from './formatSkipped.ts'
import type { Io } from './io.ts'

/** Where a command writes: people get lines, programs get one JSON document. */
export type Output = {
  /** Whether `--json` was given. */
  isJson: boolean
  colours: ReturnType<typeof picocolors.createColors>
  /** Writes a line for people; nothing with `--json`. */
  line(text?: string): void
  /** Writes the one document; nothing without `--json`. Amounts become decimal strings. */
  document(value: unknown): void
  /** Writes an error: an `{error}` document with `--json`; without, lines and who was not taken on stderr. */
  error(error: DuckMeshError): void
}

/** Creates the output of one command. Colours are off without a terminal and with NO_COLOR (no-color.org). */
export function createOutput(io: Io, isJson: boolean): Output {
  const colours = picocolors.createColors(io.stdoutIsTty && !io.env.NO_COLOR)
  return {
    isJson,
    colours,
    line(text = '') {
      if (!isJson) io.stdout(`${text}\n`)
    },
    document(value) {
      if (isJson) io.stdout(`${stringifyWire(value, 2)}\n`)
    },
    error(error) {
      if (isJson) io.stdout(`${stringifyWire({ error: error.toWire() }, 2)}\n`)
      else {
        io.stderr(`${colours.red('error')} ${error.code}: ${error.message}\n      ${error.hint}\n`)
        const skipped = skippedSchema.array().safeParse(error.details.why ?? error.details.skipped)
        if (skipped.success && skipped.data.length > 0) io.stderr(`${formatSkipped(skipped.data, 6)}\n`)
        const { runId } = error.details
        if (typeof runId === 'string')
          io.stderr(`      The same command with --run-id ${runId} goes on with it.\n`)
      }
    },
  }
}
