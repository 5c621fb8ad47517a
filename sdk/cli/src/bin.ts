#!/usr/bin/env node
import { main } from './main.ts'

const args = process.argv.slice(2)
const INTERRUPTED = 130
/** A mesh that was started here stops its processes first; everything else ends soon. */
const graceMs = args[0] === 'up' ? 10_000 : 1_000

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupt.abort()
    setTimeout(() => process.exit(INTERRUPTED), graceMs).unref()
  })
}

process.exitCode = await main(args, {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stdoutIsTty: process.stdout.isTTY === true,
  stderrIsTty: process.stderr.isTTY === true,
  env: process.env,
  cwd: process.cwd(),
  signal: interrupt.signal,
})
