// A prover that signs for a forged proof: refused, slashed, and its task goes to an honest one.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { duckMeshAbi } from '@duckmesh/protocol'
import { bringUp, type TestMesh } from './support/bringUp.ts'
import {
  classOf,
  digitTask,
  imageOf,
  netWei,
  outcomesOf,
  payments,
  priceWei,
  provers,
} from './support/digits.ts'
import { moneyMoved, readMoney } from './support/money.ts'
import { until } from './support/until.ts'

describe('a prover that forges', () => {
  let mesh: TestMesh
  before(async () => {
    mesh = await bringUp({
      providers: [
        { name: 'mallard', kind: 'honest', proofPriceDuck: '0.4' },
        { name: 'cuckoo', kind: 'proof-forger', proofPriceDuck: '0.1' },
      ],
    })
    await provers(mesh, 2)
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  test('wins by its price, is slashed for what it signed, and the buyer pays an honest one', async () => {
    const pixels = imageOf(9)
    const before = await readMoney(mesh.client)
    const proven = await mesh.client.proveTask(digitTask(mesh, pixels))
    const [honest, forger] = mesh.info.providers.map(({ providerId }) => providerId)
    assert.deepEqual(proven.results, [classOf(pixels)])
    assert.equal(proven.proverId, honest)
    const { attempts } = await mesh.client.getTask(proven.taskId)
    assert.deepEqual(
      attempts.map(({ proverId, outcome }) => [proverId, outcome]),
      [
        [forger, 'false-proof'],
        [honest, 'proved'],
      ],
    )
    const { domain, publicClient } = mesh.client.context
    const slash = await until('the forger was slashed', async () => {
      const [event] = await publicClient.getContractEvents({
        address: domain.verifyingContract,
        abi: duckMeshAbi,
        eventName: 'FalseProofProven',
        args: { jobId: proven.taskId },
        fromBlock: BigInt(mesh.info.meshBlock),
      })
      return event?.args
    })
    assert.equal(slash.providerId, forger)
    const bondWei = slash.bondWei!
    assert.ok(bondWei > 0n)
    const moved = moneyMoved(before, await readMoney(mesh.client))
    const weiOf = (id: number | undefined) => moved.providers.find(({ providerId }) => providerId === id)?.wei
    // half is burned, a quarter is the reporter's, the rest the buyer's
    assert.equal(moved.buyerWei, -priceWei + bondWei - bondWei / 2n - bondWei / 4n)
    assert.equal(weiOf(forger), -bondWei)
    assert.equal(weiOf(honest), netWei)
    assert.equal(await payments(mesh, proven), 1)
  })

  test('is not taken again', async () => {
    const pixels = imageOf(6)
    const proven = await mesh.client.proveTask(digitTask(mesh, pixels))
    assert.deepEqual(proven.results, [classOf(pixels)])
    assert.deepEqual(await outcomesOf(mesh, proven), ['proved'])
    const { skipped } = await mesh.client.getTask(proven.taskId)
    assert.deepEqual(
      skipped.map(({ reason }) => reason),
      ['OTHER_KEY'],
    )
  })
})
