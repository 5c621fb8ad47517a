import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { commitValues } from '@duckmesh/circuits'
import { mnist } from '@duckmesh/circuits/mnist'
import { type LocalMesh, startMesh } from '@duckmesh/infrastructure/mesh'
import { parseDuck, type TaskStatus } from '@duckmesh/protocol'
import { DuckMeshClient, type PreparedTask } from '@duckmesh/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { type Bench, bars, percentile } from './bench.ts'

const CIRCUIT = 'digits-constant'
const PROVERS = ['mallard', 'teal', 'eider']
const TASKS = 200
/** Every tenth task wants to go first. */
const URGENT = { every: 10, priority: 100 }
const PIXELS = 14 * 14
const SALT = 98_765_432_123_456_789n
const PRICE_WEI = parseDuck('0.3')
const POLL_MS = 250

type Figures = Record<string, number>

/** How the proof market stands 200 tasks that come at once. */
export const proofMarket: Bench = {
  about: `${TASKS} proofs of real digits ordered at once from ${PROVERS.length} provers with one and two slots each: wait in the queue, proofs paid per second, memory of the coordinator`,
  run: async (say) => {
    const figures: Figures = { tasks: TASKS, provers: PROVERS.length, loadAtStart: load() }
    for (const slots of [1, 2]) {
      say(`provers with ${slots} ${slots === 1 ? 'slot' : 'slots'}`)
      const measured = await measureMarket(slots, say)
      for (const [name, value] of Object.entries(measured)) figures[`slots${slots}-${name}`] = value
    }
    figures.loadAtEnd = load()
    return { figures, bars: bars(figures, { 'slots1-failed': '<=0', 'slots2-failed': '<=0' }) }
  },
}

async function measureMarket(slots: number, say: (text: string) => void): Promise<Figures> {
  const stateDir = await mkdtemp(join(tmpdir(), 'duckmesh-proof-market-'))
  const mesh = await startMesh({
    stateDir,
    model: 'duck1m',
    providers: PROVERS.map((name) => ({ name, kind: 'honest', proofPriceDuck: '0.2' })),
    env: { PROVER_SLOTS: String(slots), PROOF_TASKS_PER_REQUESTER: String(TASKS) },
  })
  try {
    const { rpcUrl, coordinatorUrl, buyerPrivateKey } = mesh.info
    const account = privateKeyToAccount(buyerPrivateKey)
    const client = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account })
    await client.deposit(parseDuck('100'))
    await allThere(client)
    const tasks = await prepareAll(mesh, client)
    const startedMs = Date.now()
    await Promise.all(tasks.map((task) => client.sendTask(task)))
    const sentMs = Date.now() - startedMs
    const ended = await untilOver(client, tasks, say)
    const paid = ended.filter(({ status }) => status === 'completed')
    const lastMs = Math.max(...ended.map(({ updatedAt }) => Date.parse(updatedAt)))
    const waitsOf = (some: TaskStatus[]) =>
      some.map(({ createdAt, attempts }) => Date.parse(attempts[0]!.startedAt) - Date.parse(createdAt))
    const [urgent, others] = [
      paid.filter(({ priority }) => priority > 0),
      paid.filter(({ priority }) => priority === 0),
    ]
    return {
      sentSeconds: sentMs / 1_000,
      paidPerSecond: Number((paid.length / ((lastMs - startedMs) / 1_000)).toFixed(2)),
      waitP50Ms: percentile(waitsOf(others), 0.5),
      waitP95Ms: percentile(waitsOf(others), 0.95),
      urgentWaitP95Ms: percentile(waitsOf(urgent), 0.95),
      turnP50Ms: percentile(
        paid.map(({ attempts }) => {
          const turn = attempts.at(-1)!
          return Date.parse(turn.endedAt!) - Date.parse(turn.startedAt)
        }),
        0.5,
      ),
      secondTurns: ended.filter(({ attempts }) => attempts.length > 1).length,
      failed: ended.length - paid.length,
      ...(process.platform === 'linux'
        ? { coordinatorPeakMiB: await peakMebibytes(mesh, 'coordinator') }
        : {}),
      ...(process.platform === 'linux' ? { nodePeakMiB: await peakMebibytes(mesh, PROVERS[0]!) } : {}),
    }
  } finally {
    await mesh.stop()
    await rm(stateDir, { recursive: true, force: true })
  }
}

/** Processes that wanted a core in the last minute, on average: of this benchmark and of everything else. */
const load = () => Number(loadavg()[0]!.toPrecision(3))
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function allThere(client: DuckMeshClient): Promise<void> {
  for (;;) {
    const { provers } = await client.getProvers()
    if (provers.filter(({ isOnline }) => isOnline).length === PROVERS.length) return
    await sleep(POLL_MS)
  }
}

async function prepareAll(mesh: LocalMesh, client: DuckMeshClient): Promise<PreparedTask[]> {
  const { pixels } = mnist('t10k', 14)
  const tasks: PreparedTask[] = []
  for (let index = 0; index < TASKS; index++) {
    const image = Array.from(pixels.subarray(index * PIXELS, (index + 1) * PIXELS))
    tasks.push(
      await client.prepareTask({
        circuit: CIRCUIT,
        modelId: mesh.info.proofKeys[CIRCUIT]!,
        request: [commitValues(image, 4, SALT)],
        inputs: { pixels: image.map(String), salt: String(SALT) },
        priority: index % URGENT.every === 0 ? URGENT.priority : 0,
        priceWei: PRICE_WEI,
        withinSeconds: 540,
      }),
    )
  }
  return tasks
}

async function untilOver(
  client: DuckMeshClient,
  tasks: PreparedTask[],
  say: (text: string) => void,
): Promise<TaskStatus[]> {
  const ended: TaskStatus[] = []
  for (const [index, { taskId }] of tasks.entries()) {
    for (;;) {
      const status = await client.getTask(taskId)
      if (status.status === 'completed' || status.status === 'failed') {
        ended.push(status)
        break
      }
      await sleep(POLL_MS)
    }
    if ((index + 1) % 50 === 0) say(`${index + 1} of ${tasks.length} tasks`)
  }
  return ended
}

/** Most memory that a process of the mesh has had, MiB (Linux). */
async function peakMebibytes({ services }: LocalMesh, name: string): Promise<number> {
  const status = await readFile(`/proc/${services.get(name)!.pid}/status`, 'utf8')
  return Math.round(Number(status.match(/VmHWM:\s+(\d+) kB/)?.[1]) / 1_024)
}
