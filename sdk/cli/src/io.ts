/** What a command sees of the world outside; only `bin.ts` connects it to the process. */
export type Io = {
  stdout: (text: string) => void
  stderr: (text: string) => void
  stdoutIsTty: boolean
  stderrIsTty: boolean
  env: Record<string, string | undefined>
  cwd: string
  /** Aborts when the user interrupts. */
  signal: AbortSignal
}
