// The ceremony of one circuit, step by step; docs/zk.md says who does what.
//   node keys/ceremony/cli.ts init       <circuit> <ptau> <zkey>
//   node keys/ceremony/cli.ts contribute <circuit> <from.zkey> <to.zkey> <name>     reads entropy from standard input
//   node keys/ceremony/cli.ts beacon     <circuit> <from.zkey> <to.zkey> <hex>
//   node keys/ceremony/cli.ts finalize   <circuit> <ptau> <zkey> <verifying-key.json>
//   node keys/ceremony/cli.ts verify     <circuit> <ptau> <zkey>
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { circuitNamed } from '../../catalogue.ts'
import { compile, ROOT } from '../../toolchain/compile.ts'
import { endProver } from '../../toolchain/prove.ts'
import { verifyingKeyHash } from '../verifyingKey.ts'
import { beacon, contribute, finalize, init, type Phase1, verifyCeremony } from './ceremony.ts'

const [step, name, ...rest] = process.argv.slice(2)
const argument = (index: number): string => {
  const value = rest[index]
  if (value === undefined)
    throw new Error(`"${step}" needs another argument: see the first lines of keys/ceremony/cli.ts.`)
  return value
}
const circuit = circuitNamed(name ?? '')
const phase1 = JSON.parse(readFileSync(new URL('phase1.json', import.meta.url), 'utf8')) as Phase1
const transcriptPath = join(ROOT, 'keys/ceremony/transcripts', `${circuit.name}.json`)
const { r1csPath } = await compile(circuit.name, circuit.main())
const files = { r1csPath, ptauPath: rest[0] ?? '', transcriptPath }

const steps: Record<string, () => Promise<void>> = {
  init: async () => void (await init(circuit.name, files, argument(1), phase1)),
  contribute: async () => {
    const entropy = readFileSync(process.stdin.fd, 'utf8')
    const { contributions } = await contribute(transcriptPath, argument(0), argument(1), {
      name: argument(2),
      entropy,
    })
    console.log(`Publish this hash: ${contributions.at(-1)!.hash}`)
  },
  beacon: async () => void (await beacon(transcriptPath, argument(0), argument(1), argument(2))),
  finalize: async () => {
    const key = await finalize(files, argument(1), phase1)
    writeFileSync(argument(2), `${JSON.stringify({ setup: 'ceremony', verifyingKey: key }, null, 2)}\n`)
  },
  verify: async () =>
    console.log(`Holds. Verifying key ${verifyingKeyHash(await verifyCeremony(files, argument(1), phase1))}`),
}
const run = steps[step ?? '']
if (run === undefined) throw new Error('A step is init, contribute, beacon, finalize or verify.')
await run()
await endProver()
