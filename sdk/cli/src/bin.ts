#!/usr/bin/env node
import { main } from './main.ts'

const args = process.argv.slice(2)
const INTERRUPTED = 130
/** A mesh stops its processes first, a gateway lets answers come to their end; everything else ends soon. */
const graceMs = { up: 10_000, gateway: 140_000 }[args[0] ?? ''] ?? 1_000

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
