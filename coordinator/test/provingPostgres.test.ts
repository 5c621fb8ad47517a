// Several coordinators on one PostgreSQL share the proof market: each turn is given once, also when one of them is killed.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  devIndex,
  devPrivateKey,
  findPostgres,
  readyOnMessage,
  type Service,
  startPostgres,
  startService,
  type TestPostgres,
} from '@duckmesh/local-chain'
import type { Hex } from 'viem'
import { type Bench, setUpBench, until } from './bench.ts'
import { type ProofBench, type ScriptedProver, setUpProofs } from './scriptedProver.ts'

const bin = findPostgres()
const skip = bin === undefined && 'no PostgreSQL here'
const TASKS = 30
const CAPACITY = 3
const PROVERS = [1, 2, 3]

describe('two coordinators on one PostgreSQL', { skip }, () => {
  let postgres: TestPostgres
  let bench: Bench
  let proofs: ProofBench
  let folder: string
  let second: Service

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-proving-'))
    postgres = await startPostgres(bin!)
    const env = { DATABASE_URL: postgres.databaseUrl, PROOF_GRACE_MS: '500' }
    bench = await setUpBench({ seats: PROVERS.length, env })
    proofs = await setUpProofs(bench)
    second = await startService({
      name: 'second coordinator',
      command: process.execPath,
      args: [
        '--disable-warning=ExperimentalWarning',
        fileURLToPath(new URL('../src/bin/local.ts', import.meta.url)),
      ],
      env: {
        ...env,
        RPC_URL: bench.rpcUrl,
        MESH_ADDRESS: bench.deployment.mesh,
        COORDINATOR_PRIVATE_KEY: devPrivateKey(devIndex.coordinator),
        DATA_DIR: folder,
        PORT: '0',
      },
      logFile: join(folder, 'coordinator.log'),
      readyWhen: readyOnMessage('coordinator listening'),
      readyTimeoutMs: 60_000,
    })
  })
  after(async () => {
    await second?.kill()
    await bench?.tearDown()
    await postgres?.remove()
    await rm(folder, { recursive: true, force: true })
  })

  test('every task is given once to every prover, within its capacity, though one coordinator is killed midway', async () => {
    const urls = [bench.coordinator.url, String(second.ready.url)]
    const { store } = bench.coordinator.container
    const taskIds: Hex[] = []
    const given = new Map<string, number>()
    let turns = 0
    let isOver = false
    const live = () => (second.isAlive() ? urls : urls.slice(0, 1))

    /** Takes whatever it is given, from either coordinator, and refuses it for good: so it goes to each prover in turn. */
    const serve = async (ways: ScriptedProver[]) => {
      for (let round = 0; !isOver; round++) {
        const way = ways[round % live().length]!
        await way.heartbeat().catch(() => undefined) // of the one that was killed
        const task = await way.assigned().catch(() => null)
        if (!task) {
          await new Promise((resolve) => setTimeout(resolve, 20))
          continue
        }
        const turn = `${task.taskId} ${way.proverId}`
        given.set(turn, task.attempt)
        await way.decline(task.taskId, task.attempt, 'WITNESS_REFUSED').then(
          () => {
            turns++
          },
          () => undefined, // it is handed out again
        )
      }
    }
    const ways = PROVERS.map((proverId) => urls.map((url) => proofs.prover(proverId, url)))
    await Promise.all(ways.map(([way]) => way!.register({ capacity: CAPACITY })))
    const serving = Promise.all(ways.map(serve))
    for (let index = 0; index < TASKS; index++) {
      const order = proofs.makeOrder()
      const response = await proofs.submit(order, {}, urls[index % 2]!)
      assert.equal(response.status, 201)
      taskIds.push(bench.idOf(order))
    }
    await until(async () => turns >= TASKS, 'a third of the turns', 60_000)
    await second.kill()

    let most = 0
    await until(
      async () => {
        for (const count of (await store.activeTasks()).values()) most = Math.max(most, count)
        const [waiting, underWay] = await Promise.all([store.pendingTasks(1), store.tasksUnderWay()])
        return waiting.length + underWay.length === 0
      },
      'all tasks are over',
      90_000,
    )
    isOver = true
    await serving
    assert.ok(most <= CAPACITY, `${most} at once`)
    for (const taskId of taskIds) {
      const { status, attempts, failure } = await proofs.status(taskId)
      assert.equal(status, 'failed')
      assert.match(failure!, /^no prover is left/)
      assert.deepEqual(attempts.map(({ proverId }) => proverId).toSorted(), PROVERS)
      for (const { proverId, attempt, outcome } of attempts) {
        assert.equal(outcome, 'declined')
        assert.equal(given.get(`${taskId} ${proverId}`), attempt)
      }
    }
  })
})
