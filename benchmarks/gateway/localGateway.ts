// `duckmesh gateway` as it is, with a line that says where it listens.
import process from 'node:process'
import { main } from '../../sdk/cli/src/main.ts'

const interrupt = new AbortController()
process.once('SIGTERM', () => interrupt.abort())
process.exitCode = await main(['gateway', '--port', '0', '--json'], {
  stdout: (text) => {
    const { baseUrl } = JSON.parse(text)
    console.log(JSON.stringify({ msg: 'listening', port: Number(new URL(baseUrl).port) }))
  },
  stderr: (text) => process.stderr.write(text),
  stdoutIsTty: false,
  stderrIsTty: false,
  env: process.env,
  cwd: process.cwd(),
  signal: interrupt.signal,
})
