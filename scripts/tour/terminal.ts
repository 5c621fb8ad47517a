import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where people read the tour: standard output, or standard error when a program reads the output. */
export class Terminal {
  readonly #stream: NodeJS.WriteStream
  #live = ''

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  /** Styled text; plain where there is no terminal or NO_COLOR is set. */
  style(format: Style, text: string): string {
    return styleText(format, text, { stream: this.#stream })
  }

  /** Writes a line that stays. */
  line(text = ''): void {
    this.#clear()
    this.#stream.write(`${text}\n`)
  }

  /** Shows a line that the next one replaces; on anything but a terminal it shows nothing. */
  live(text: string): void {
    if (!this.#stream.isTTY) return
    this.#clear()
    this.#live = text.slice(0, (this.#stream.columns ?? 80) - 1)
    this.#stream.write(this.#live)
  }

  #clear(): void {
    if (this.#live) this.#stream.write('\r\u001b[2K')
    this.#live = ''
  }

  /** A finished step with its time. */
  step(name: string, tookMs: number, detail = ''): void {
    const time = seconds(tookMs).padStart(8)
    this.line(
      `  ${this.style('green', '✓')} ${name.padEnd(22)} ${this.style('dim', time)}  ${this.style('dim', detail)}`,
    )
  }

  /** A labelled line under a job. */
  fact(label: string, text: string, format: Style = 'reset'): void {
    this.line(`  ${this.style('dim', label.padEnd(9))} ${this.style(format, text)}`)
  }
}

/** Milliseconds as seconds for people. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`

/** Breaks text into lines of at most `width` characters. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${indent}`)
}
