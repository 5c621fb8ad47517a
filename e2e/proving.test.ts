// The proof market on a mesh of real processes: real images, real proofs, and processes that die.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { buildCircuits, loadWitness, wtnsFile } from '@duckmesh/circuits'
import { mnist } from '@duckmesh/circuits/mnist'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import { DuckMeshError, duckMeshAbi, signalsHash } from '@duckmesh/protocol'
import { createHttpCoordinatorClient, systemClock } from '@duckmesh/provider-node'
import type { ProvenTask } from '@duckmesh/sdk'
import { PNG } from 'pngjs'
import type { LocalAccount } from 'viem'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, type TestMesh } from './support/bringUp.ts'
import {
  classOf,
  digitTask,
  imageOf,
  netWei,
  outcomesOf,
  payments,
  priceWei,
  provers,
  SALT,
} from './support/digits.ts'
import { runDuckmesh } from './support/duckmesh.ts'
import { moneyMoved, readMoney } from './support/money.ts'
import { until } from './support/until.ts'

describe('two honest provers', () => {
  let mesh: TestMesh
  /** Proved by the first test. */
  let first: ProvenTask

  before(async () => {
    mesh = await bringUp({
      providers: [
        { name: 'mallard', kind: 'honest', proofPriceDuck: '0.2' },
        { name: 'teal', kind: 'honest', proofPriceDuck: '0.4' },
      ],
      programs: crashPrograms,
      env: { NODE_TIMEOUT_MS: '5000' },
    })
    await provers(mesh, 2)
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  test('prove the class of a real image; the contract verifies and pays, and the buyer verifies it too', async () => {
    const pixels = imageOf(7)
    const before = await readMoney(mesh.client)
    const states: string[] = []
    first = await mesh.client.proveTask(digitTask(mesh, pixels), {
      onStatus: ({ status }) => states.push(status),
    })
    assert.deepEqual(first.results, [classOf(pixels)])
    assert.equal(first.outputHash, signalsHash(first.results))
    const moved = moneyMoved(before, await readMoney(mesh.client))
    assert.equal(moved.buyerWei, -priceWei)
    for (const { providerId, wei } of moved.providers)
      assert.equal(wei, providerId === first.proverId ? netWei : 0n)
    assert.equal(states.at(-1), 'completed')
    assert.equal((await mesh.client.getTask(first.taskId)).assignedProver, first.proverId)
    assert.deepEqual(await outcomesOf(mesh, first), ['proved'])
    const { provers: found } = await mesh.client.getProvers()
    assert.equal(found.find(({ proverId }) => proverId === first.proverId)?.proofs, 1)
  })

  test('serve the command: a PNG goes in, its class and who proved it come out', async () => {
    const { pixels } = mnist('t10k', 28)
    const png = new PNG({ width: 28, height: 28 })
    for (let pixel = 0; pixel < 28 * 28; pixel++) {
      const value = pixels[pixel]! * 17
      png.data.set([value, value, value, 255], pixel * 4)
    }
    const path = join(mesh.stateDir, 'digit.png')
    await writeFile(path, PNG.sync.write(png))
    const [byFile, drawn] = await Promise.all([
      runDuckmesh(mesh, ['prove', 'digit', path, '--json']),
      runDuckmesh(mesh, ['prove', 'digit', '--mnist', '0']),
    ])
    assert.equal(byFile.code, 0, byFile.stdout)
    const { digit, verified, transaction, proverId } = JSON.parse(byFile.stdout)
    assert.equal(digit, 7)
    assert.equal(verified, true)
    assert.match(transaction, /^0x[0-9a-f]{64}$/)
    assert.ok(mesh.info.providers.some((provider) => provider.providerId === proverId))
    assert.equal(drawn.code, 0, drawn.stdout)
    assert.match(drawn.stdout, /██[\s\S]*class +7/)
    const bad = await runDuckmesh(mesh, ['prove', 'digit', '--json'])
    assert.equal(bad.code, 2)
    assert.equal(JSON.parse(bad.stdout).error.code, 'BAD_REQUEST')
    const listed = await runDuckmesh(mesh, ['provers'])
    assert.match(listed.stdout, /digits-constant 0.2 DUCK/)
    const task = await runDuckmesh(mesh, ['task', first.taskId])
    assert.match(task.stdout, /completed[\s\S]*attempt 1 {2}provider/)
  })

  test('are told sealed inputs alone: the status of the task holds none', async () => {
    const pixels = imageOf(3)
    const proven = await mesh.client.proveTask(digitTask(mesh, pixels, { privacyLevel: 2 }))
    assert.deepEqual(proven.results, [classOf(pixels)])
    const status = JSON.stringify(await mesh.client.getTask(proven.taskId), (_name, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
    assert.ok(!status.includes(String(SALT)))
  })

  test('prove a witness that the buyer made for the prover that it got', async () => {
    const pixels = imageOf(8)
    const [circuit] = await buildCircuits(['digits-constant'])
    const makeWitness = await loadWitness(await readFile(circuit!.wasmPath))
    const { circuit: name, modelId, request } = digitTask(mesh, pixels)
    const proven = await mesh.client.proveTask({
      circuit: name,
      modelId,
      request,
      priceWei,
      witnessOf: async (ctx) => wtnsFile(makeWitness({ pixels, salt: SALT, ctx })),
    })
    assert.deepEqual(proven.results, [classOf(pixels)])
  })

  test('results of strangers, for others, and with a false signature are refused', async () => {
    const { domain, info } = mesh.client.context
    const { taskId, outputHash, proof } = first
    const as = (account: LocalAccount) => {
      const client = createHttpCoordinatorClient({
        url: mesh.info.coordinatorUrl,
        domain,
        account,
        clock: systemClock,
      })
      client.useAudience(info.address)
      return client
    }
    const signature = `0x${'11'.repeat(64)}1b` as const
    const body = { taskId, proverId: first.proverId, outputHash, proof, signature }
    const index = mesh.info.providers.findIndex(({ providerId }) => providerId === first.proverId)
    const own = as(devAccount(devIndex.firstSigner + index))
    const other = as(devAccount(devIndex.firstSigner + 1 - index))
    const stranger = as(devAccount(devIndex.treasury))
    await assert.rejects(stranger.submitProof(body), { code: 'NOT_REGISTERED' })
    await assert.rejects(other.submitProof(body), { code: 'FORBIDDEN' })
    await assert.rejects(own.submitProof(body), { code: 'BAD_SIGNATURE' })
    await assert.rejects(other.assignTask(first.proverId, 0), { code: 'FORBIDDEN' })
    await assert.rejects(own.submitProof({ ...body, taskId: outputHash }), { code: 'TASK_NOT_FOUND' })
  })

  test('a proof of another job is worth nothing, even to its own prover', async () => {
    const { taskId, body } = await mesh.client.prepareTask(digitTask(mesh, imageOf(7)))
    const { domain, publicClient } = mesh.client.context
    const contract = { address: domain.verifyingContract, abi: duckMeshAbi } as const
    const args = [first.proverId] as const
    const { owner } = await publicClient.readContract({ ...contract, functionName: 'providerOf', args })
    const { proverId, outputHash, proof } = first
    const replayed = publicClient.simulateContract({
      ...contract,
      account: owner,
      functionName: 'settleProof',
      args: [body.order, body.signature, proverId, outputHash, proof],
    })
    await assert.rejects(replayed, /BadProof/, taskId)
  })

  test('a circuit or a key that nobody offers is refused before anything is stored', async () => {
    const code = 'UNKNOWN_CIRCUIT'
    await assert.rejects(mesh.client.proveTask(digitTask(mesh, imageOf(1), { circuit: 'no-such' })), { code })
    const modelId = `0x${'12'.repeat(32)}` as const
    await assert.rejects(mesh.client.proveTask(digitTask(mesh, imageOf(1), { modelId })), { code })
  })

  test('inputs that are too large are refused; what no prover can prove costs nothing', async () => {
    const before = await readMoney(mesh.client)
    const huge = { pixels: Array.from({ length: 900_000 }, () => '15'), salt: '1' }
    const refusal = await mesh.client.proveTask(digitTask(mesh, imageOf(1), { inputs: huge })).then(
      () => undefined,
      (error) => DuckMeshError.from(error),
    )
    assert.equal(refusal?.code, 'BODY_TOO_LARGE')
    const long = { pixels: Array.from({ length: 20_000 }, () => '15'), salt: '1' }
    const unprovable = digitTask(mesh, imageOf(1), { inputs: long, withinSeconds: 15 })
    await assert.rejects(mesh.client.proveTask(unprovable), { code: 'TASK_FAILED' })
    assert.equal((await readMoney(mesh.client)).buyerWei, before.buyerWei)
  })

  test('a prover that is killed while it proves loses the task to the other one', async () => {
    const pixels = imageOf(2)
    await provers(mesh, 2)
    await armCrash(mesh.dataDirOf('mallard'), { stage: 'proof-begun' })
    const proven = await mesh.client.proveTask(digitTask(mesh, pixels))
    assert.deepEqual(proven.results, [classOf(pixels)])
    assert.deepEqual(await outcomesOf(mesh, proven), ['timeout', 'proved'])
    assert.equal(await payments(mesh, proven), 1)
    await mesh.restart('mallard')
    await provers(mesh, 2)
  })

  for (const stage of ['proof-settling', 'proof-sent']) {
    test(`a prover that is killed at ${stage} is paid once or not at all`, async () => {
      const pixels = imageOf(5)
      const before = await readMoney(mesh.client)
      await armCrash(mesh.dataDirOf('mallard'), { stage })
      const task = await mesh.client.prepareTask(digitTask(mesh, pixels))
      await mesh.client.sendTask(task)
      await until('the prover died', () => !mesh.services.get('mallard')!.isAlive(), 60_000)
      await mesh.restart('mallard')
      const proven = await mesh.client.waitForProof(task)
      assert.deepEqual(proven.results, [classOf(pixels)])
      await provers(mesh, 2)
      assert.equal(await payments(mesh, proven), 1)
      assert.equal(moneyMoved(before, await readMoney(mesh.client)).buyerWei, -priceWei)
    })
  }

  test('a coordinator that is killed in the middle goes on with the task', async () => {
    const pixels = imageOf(4)
    const task = await mesh.client.prepareTask(digitTask(mesh, pixels))
    await mesh.client.sendTask(task)
    await mesh.services.get('coordinator')!.kill()
    await mesh.restart('coordinator')
    const proven = await mesh.client.waitForProof(task)
    assert.deepEqual(proven.results, [classOf(pixels)])
    assert.equal(await payments(mesh, proven), 1)
  })
})
