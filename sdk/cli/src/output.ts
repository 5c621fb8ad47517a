import { type DuckMeshError, skippedSchema, stringifyWire } from '@duckmesh/protocol'
import picocolors from 'picocolors'
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
  /** Writes an error: an `{error}` document with `--json`, two lines on stderr without. */
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
        for (const line of skipLines(error)) io.stderr(`      ${line}\n`)
      }
    },
  }
}

/** Why nobody took the order: one line for each provider that was passed over. */
function skipLines({ details }: DuckMeshError): string[] {
  const skipped = skippedSchema.array().safeParse(details.skipped)
  return skipped.success ? skipped.data.map((s) => `provider ${s.providerId}: ${s.reason}. ${s.fix}`) : []
}
