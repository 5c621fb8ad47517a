// `npm run bench -- <name> [--json] [--save] [--long]`: runs one benchmark; the last line is its result as JSON.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { engine } from './engine.ts'
import { finality } from './finality.ts'
import { freshClone } from './freshClone.ts'
import { gas } from './gas.ts'
import { gateway } from './gateway.ts'
import { proofMarket } from './proofMarket.ts'
import { replay, replayLarge } from './replay.ts'
import { replayTwins } from './replayTwins.ts'
import { vouchers } from './vouchers.ts'
import { zk } from './zk.ts'
import { zkBrowser } from './zkBrowser.ts'
import { zkPoseidon } from './zkPoseidon.ts'

const benches: Record<string, Bench> = {
  gas,
  finality,
  engine,
  gateway,
  'fresh-clone': freshClone,
  'proof-market': proofMarket,
  replay,
  'replay-large': replayLarge,
  'replay-twins': replayTwins,
  vouchers,
  zk,
  'zk-browser': zkBrowser,
  'zk-poseidon': zkPoseidon,
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
  },
})
const [name] = positionals
const bench = name === undefined ? undefined : benches[name]
if (!name || !bench) {
  console.error('npm run bench -- <name> [--json] [--save] [--long]\n')
  for (const [known, { about }] of Object.entries(benches)) console.error(`  ${known.padEnd(12)} ${about}`)
  process.exit(2)
}

const say = (text: string) => process.stderr.write(`  ${text}\n`)
const { figures, bars } = await bench.run(say, { long: flags.long })
const ok = Object.values(bars).every((bar) => bar.ok)
if (!flags.json) {
  for (const [key, value] of Object.entries(figures)) {
    const bar = bars[key]
    const verdict = bar ? `  ${bar.ok ? 'holds' : 'MISSED'} ${bar.limit}` : ''
    console.log(`  ${key.padEnd(34)} ${String(value).padStart(12)}${verdict}`)
  }
}
if (flags.save) {
  const [cpu] = cpus()
  const machine = {
    cpu: cpu?.model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
  const folder = new URL('./results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const entry = {
    bench: name,
    at: new Date().toISOString(),
    command: `npm run bench -- ${name} --json --save${flags.long ? ' --long' : ''}`,
    machine,
    figures,
    bars,
    ok,
  }
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(entry, null, 2)}\n`)
}
console.log(JSON.stringify({ bench: name, figures, bars, ok }))
process.exitCode = ok ? 0 : 1
