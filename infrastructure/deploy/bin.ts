// `npm run deploy`: brings a network to what its settings say. See docs/deploy.md.
import { join } from 'node:path'
import process from 'node:process'
import { main } from './cli.ts'

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  root: join(import.meta.dirname, '../..'),
  stdout: (line) => console.log(line),
  stderr: (line) => console.error(line),
})
