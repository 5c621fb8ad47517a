import type { Io } from './io.ts'

const QUIET_MS = 2_000
const REDRAW_MS = 500

/** A line on stderr that says what is being waited for. */
export type ProgressLine = {
  /** Changes what it says. */
  say(text: string): void
  /** Takes the line away. */
  stop(): void
}

/**
 * Starts a progress line. It shows up after two seconds only: most commands are over by then. On a terminal one line is
 * redrawn with the elapsed time; elsewhere every change is a line of its own.
 * @param isSilent never shows anything
 */
export function startProgressLine(io: Io, isSilent: boolean): ProgressLine {
  const startedAtMs = performance.now()
  let text = ''
  let written = ''
  const draw = () => {
    const elapsedMs = performance.now() - startedAtMs
    if (isSilent || elapsedMs < QUIET_MS || !text) return
    const seconds = (elapsedMs / 1000).toFixed(1)
    if (io.stderrIsTty) io.stderr(`\r\x1b[K${text} · ${seconds} s`)
    else if (written !== text) io.stderr(`${text} · ${seconds} s\n`)
    written = text
  }
  const timer = setInterval(draw, REDRAW_MS)
  return {
    say(next) {
      text = next
      draw()
    },
    stop() {
      clearInterval(timer)
      if (io.stderrIsTty && written) io.stderr('\r\x1b[K')
    },
  }
}
