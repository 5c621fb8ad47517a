import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, afterEach, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { devPrivateKey } from '@duckmesh/local-chain'
import { parseDuck, stringifyWire, verificationModes } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { Stage } from '../src/ports/observe.ts'
import { orderFor, request, signOrder } from './orders.ts'
import { startWorld, type TestWorld, until } from './testWorld.ts'

const fixture = fileURLToPath(new URL('crashingNode.fixture.ts', import.meta.url))
const bin = fileURLToPath(new URL('../src/bin/node.ts', import.meta.url))

describe('a node that is killed', () => {
  let world: TestWorld
  let others: Node[]
  const children = new Set<ChildProcess>()

  before(async () => {
    world = await startWorld()
    others = [await world.node(1), await world.node(2)]
    await world.mesh.fund(privateKeyToAccount(devPrivateKey(4)).address, parseDuck('1000'))
  })
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
    children.clear()
  })
  after(() => world.stop())

  /** Node 0 in its own process. */
  function launch(script: string, fields: Record<string, string> = {}) {
    const env = { PATH: process.env.PATH, ...world.environment(0, fields) }
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    const output = { text: '' }
    child.stdout.on('data', (chunk) => {
      output.text += chunk
    })
    const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
    return { child, exited, output }
  }
  async function stop({ child, exited }: ReturnType<typeof launch>) {
    child.kill('SIGTERM')
    return exited
  }
  const ownId = () => world.mesh.providerIdByKey(privateKeyToAccount(devPrivateKey(5)).address)
  const registered = () => until('node 0 is registered', async () => (await ownId()) > 0)

  for (const stage of [
    'work-received',
    'run-started',
    'run-done',
    'promised',
    'commit-sent',
    'open-verified',
    'opening-sent',
  ] satisfies Stage[]) {
    test(`at ${stage} goes on where it was: one commitment, one receipt, paid`, async () => {
      const { coordinator, mesh, buyer, executor } = world
      const doomed = launch(fixture, { CRASH_AT: stage })
      await registered()
      const order = orderFor(executor, buyer, { coordinator: coordinator.account.address })
      const job = { order, request, ...(await signOrder(mesh.domain, order, buyer)) }
      const owner = privateKeyToAccount(devPrivateKey(4)).address
      const beforeWei = await mesh.freeWei(owner)
      await coordinator.assign(job, [await ownId(), ...others.map(({ providerId }) => providerId)])
      const isCommitted = () =>
        coordinator.commitments(job.jobId).commitments.every((one) => !/^0x0+$/.test(one))
      const isAfterAnchor = stage === 'open-verified' || stage === 'opening-sent'
      if (isAfterAnchor) {
        await until('three commitments', isCommitted)
        await coordinator.anchor(job.jobId)
      }
      assert.equal((await doomed.exited).signal, 'SIGKILL')
      const again = launch(fixture, { LOG_LEVEL: 'info' })
      await until('it listens again', () => again.output.text.includes('node listening'))
      await until('three commitments', isCommitted)
      if (!isAfterAnchor) await coordinator.anchor(job.jobId)
      const openers = () =>
        new Set(coordinator.of('openings', job.jobId).map(({ providerId }) => providerId)).size
      await until('three openings', () => openers() === 3)
      await coordinator.close(job.jobId)
      assert.equal(await mesh.status(job.jobId), 'paid')
      assert.equal((await mesh.freeWei(owner)) - beforeWei, parseDuck('0.95'))
      const own = await ownId()
      const said = (kind: 'commitments' | 'openings', field: string) =>
        coordinator
          .of(kind, job.jobId)
          .filter(({ providerId }) => providerId === own)
          .map((body) => JSON.stringify(body[field]))
      assert.equal(new Set(said('commitments', 'commitment')).size, 1)
      assert.equal(new Set(said('openings', 'receipt')).size, 1)
      assert.deepEqual(await stop(again), { code: 0, signal: null })
    })
  }

  for (const stage of ['revealed', 'reveal-sent', 'open-verified', 'opening-sent'] satisfies Stage[]) {
    test(`at ${stage} of a job that is paid at once goes on where it was: one reveal, one receipt`, async () => {
      const { coordinator, mesh, buyer, executor } = world
      const doomed = launch(fixture, { CRASH_AT: stage, LOG_LEVEL: 'info' })
      await until('it listens', () => doomed.output.text.includes('node listening'))
      const order = orderFor(executor, buyer, { coordinator: coordinator.account.address })
      const job = { order, request, ...(await signOrder(mesh.domain, order, buyer)) }
      const { jobId } = job
      const owner = privateKeyToAccount(devPrivateKey(4)).address
      const beforeWei = await mesh.freeWei(owner)
      await coordinator.assign(job, [await ownId(), ...others.map(({ providerId }) => providerId)])
      await until('three commitments', () =>
        coordinator.commitments(jobId).commitments.every((one) => !/^0x0+$/.test(one)),
      )
      const senders = (kind: 'reveals' | 'openings') =>
        new Set(coordinator.of(kind, jobId).map(({ providerId }) => providerId)).size
      coordinator.askReveal(jobId)
      const isAfterPayment = stage === 'open-verified' || stage === 'opening-sent'
      if (isAfterPayment) {
        await until('three reveals', () => senders('reveals') === 3)
        await coordinator.settle(jobId)
      }
      assert.equal((await doomed.exited).signal, 'SIGKILL')
      const again = launch(fixture, { LOG_LEVEL: 'info' })
      await until('it listens again', () => again.output.text.includes('node listening'))
      await until('three reveals', () => senders('reveals') === 3)
      if (!isAfterPayment) await coordinator.settle(jobId)
      await until('three openings', () => senders('openings') === 3)
      await until('it is final', () => again.output.text.includes('job is final'))
      assert.equal((await mesh.freeWei(owner)) - beforeWei, parseDuck('0.95'))
      const own = await ownId()
      const said = (kind: 'reveals' | 'openings', field: string) =>
        coordinator
          .of(kind, jobId)
          .filter(({ providerId }) => providerId === own)
          .map((body) => JSON.stringify(body[field]))
      assert.equal(new Set(said('reveals', 'signature')).size, 1)
      assert.equal(new Set(said('openings', 'receipt')).size, 1)
      assert.deepEqual(await stop(again), { code: 0, signal: null })
    })
  }

  for (const stage of ['work-received', 'accepted', 'promised', 'submitted'] satisfies Stage[]) {
    test(`at ${stage} of a directed job is paid after it comes back`, async () => {
      const { mesh, buyer, executor } = world
      const doomed = launch(fixture, { CRASH_AT: stage, LOG_LEVEL: 'info' })
      await until('it listens', () => doomed.output.text.includes('node listening'))
      const directed = { providerId: await ownId(), mode: verificationModes.signed, seats: 1 }
      const order = orderFor(executor, buyer, directed)
      const { jobId, orderSignature: signature } = await signOrder(mesh.domain, order, buyer)
      await mesh.send(buyer, 'postJob', [order])
      const body = stringifyWire({ domain: mesh.domain, order, signature, request })
      const headers = { 'content-type': 'application/json' }
      const submit = ({ output }: typeof doomed) => {
        const port = output.text.match(/"port":(\d+)/)?.[1]
        return fetch(`http://127.0.0.1:${port}/jobs`, { method: 'POST', headers, body })
      }
      const cut = await submit(doomed).then(
        ({ status }) => status,
        () => 'cut',
      )
      assert.equal((await doomed.exited).signal, 'SIGKILL')
      const again = launch(fixture, { LOG_LEVEL: 'info' })
      await until('it listens again', () => again.output.text.includes('node listening'))
      // a buyer that got no answer asks again; one that got 202 need not
      if (cut === 'cut') assert.equal((await submit(again)).status, 202)
      await until('paid', async () => (await mesh.status(jobId)) === 'paid')
      assert.deepEqual(await stop(again), { code: 0, signal: null })
    })
  }

  test('the command says that it listens, keeps secrets out of its log and stops on SIGTERM within 5 s', async () => {
    const running = launch(bin, { LOG_LEVEL: 'debug' })
    await until('it listens', () => running.output.text.includes('node listening'))
    const lines = running.output.text.trim().split('\n')
    const listening = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'node listening')
    assert.equal(listening.providerId, await ownId())
    assert.equal((await fetch(`http://127.0.0.1:${listening.port}/health`)).status, 200)
    const second = launch(bin, { LOG_LEVEL: 'error' })
    assert.equal((await second.exited).code, 1)
    assert.match(second.output.text, /STORE_LOCKED/)
    const fromMs = Date.now()
    assert.deepEqual(await stop(running), { code: 0, signal: null })
    assert.ok(Date.now() - fromMs < 5_000)
    for (const key of [devPrivateKey(4), devPrivateKey(5)])
      assert.ok(!running.output.text.includes(key.slice(2)))
  })

  test('the command names a bad setting and ends with 1', async () => {
    const bad = launch(bin, { CAPACITY: 'many' })
    assert.equal((await bad.exited).code, 1)
    assert.match(bad.output.text, /BAD_CONFIG.*CAPACITY/)
  })
})
