import { close, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'

const sync = promisify(fdatasync)

/**
 * Flushes a file to disk without holding up the process: calls that come while one flush runs share the next one.
 * SQLite's write-ahead log is such a file: a commit is safe from a power cut once it is flushed (SQLite, "Write-Ahead
 * Logging", section 4), whoever calls for that.
 */
export class Flusher {
  readonly #file: number
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  /** @param path must be there */
  constructor(path: string) {
    this.#file = openSync(path, 'r+')
  }

  /** Resolves when all that was written before the call is on disk. */
  flushed(): Promise<void> {
    this.#next ??= this.#after(this.#running)
    return this.#next
  }

  /** The file must not be flushed afterwards. */
  close(): void {
    // a flush under way needs the file: it is closed behind it
    void (this.#next ?? this.#running ?? Promise.resolve()).finally(() => close(this.#file))
  }

  async #after(before: Promise<void> | undefined): Promise<void> {
    // what is written in this turn of the loop joins
    await (before?.catch(() => undefined) ?? Promise.resolve())
    this.#running = this.#next
    this.#next = undefined
    await sync(this.#file)
  }
}
