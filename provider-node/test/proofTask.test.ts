// What a prover checks before it works, and what it will not prove: real chain, real keys, real proofs.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  type AssignedTask,
  agentIdOf,
  decodeGroth16Claim,
  type ErrorCode,
  GROTH16_SELECTOR,
  generateSealKeyPair,
  jobIdOf,
  type Order,
  orderTypedData,
  parseDuck,
  sealTaskInput,
  signalsHash,
} from '@duckmesh/protocol'
import { concat, slice, zeroAddress, zeroHash } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type Container, createContainer } from '../src/container.ts'
import type { LoopContext } from '../src/loop/context.ts'
import { checkTask } from '../src/proving/market/checkTask.ts'
import { makeProof } from '../src/proving/market/makeProof.ts'
import { type ServedCircuit, servedCircuits } from '../src/proving/market/offer.ts'
import { brokenWitness, witness as otherWitness } from '../src/proving/recordRange.fixture.ts'
import { startWorld, type TestWorld } from './testWorld.ts'

const request = [3n, 18n, 120n]
const inputs = { schema: '3', low: '18', high: '120', value: '40', salt: '5' }
const stranger = privateKeyToAccount(devPrivateKey(1))
const soon = () => Math.floor(Date.now() / 1_000)

describe('a proof task', () => {
  let world: TestWorld
  let container: Container
  let context: LoopContext
  let circuits: ServedCircuit[]
  let coordinator: PrivateKeyAccount
  let nonce = 0n

  before(async () => {
    world = await startWorld()
    coordinator = privateKeyToAccount(devPrivateKey(3))
    const proving = {
      PROVING: 'on',
      PROVER: 'snarkjs',
      PROOF_CIRCUITS: 'record-range',
      PROOF_PRICE_DUCK: '0.2',
    }
    container = await createContainer(world.config(0, proving), { executor: world.executor })
    context = {
      ...container,
      providerId: 7,
      startedAtMs: Date.now(),
      signal: new AbortController().signal,
      coordinatorAddress: () => coordinator.address,
    }
    circuits = await servedCircuits(context, container.proving!)
  })
  after(async () => {
    await container?.close()
    await world?.stop()
  })

  /** A task that is right in every way but these. */
  async function taskWith(
    fields: Partial<Order> = {},
    changes: Partial<AssignedTask> = {},
    by: PrivateKeyAccount = world.buyer,
  ): Promise<AssignedTask> {
    const order: Order = {
      requester: world.buyer.address,
      coordinator: coordinator.address,
      providerId: 0,
      kind: 2,
      mode: 4,
      seats: 1,
      priceWei: parseDuck('0.2'),
      bondWei: 0n,
      modelId: circuits[0]!.modelId,
      inputHash: signalsHash(request),
      policy: concat([GROTH16_SELECTOR, slice(zeroHash, 4)]),
      nonce: ++nonce,
      acceptBy: soon() + 60,
      execWindow: 0,
      disputeWindow: 0,
      ...fields,
    }
    return {
      taskId: jobIdOf(world.mesh.domain, order),
      attempt: 1,
      order,
      orderSignature: await by.signTypedData(orderTypedData(world.mesh.domain, order)),
      circuit: 'record-range',
      request,
      privacyLevel: 1,
      expiresAtMs: Date.now() + 60_000,
      inputs,
      sealed: null,
      ...changes,
    }
  }

  test('that is right is taken, and proved for this prover alone', async () => {
    const task = await taskWith()
    const served = await checkTask(task, circuits, context)
    const { proof, outputHash } = await makeProof(task, served, container.proving!, context)
    const claim = decodeGroth16Claim(proof)!
    assert.deepEqual([claim.taskId, claim.agentId], [task.taskId, agentIdOf(7)])
    assert.equal(signalsHash(claim.results), outputHash)
  })

  for (const [title, code, make] of [
    ['an id that is not the digest', 'BAD_REQUEST', () => taskWith({}, { taskId: zeroHash })],
    ['another coordinator', 'WRONG_COORDINATOR', () => taskWith({ coordinator: zeroAddress })],
    ['another mode', 'UNSUPPORTED_MODE', () => taskWith({ mode: 1 })],
    ['another kind', 'UNSUPPORTED_MODE', () => taskWith({ kind: 0 })],
    ['another verifier', 'UNSUPPORTED_MODE', () => taskWith({ policy: zeroHash })],
    ['another provider', 'ORDER_OUT_OF_BOUNDS', () => taskWith({ providerId: 8 })],
    ['a circuit that is not served', 'UNKNOWN_CIRCUIT', () => taskWith({}, { circuit: 'membership' })],
    ['a key that is not served', 'UNKNOWN_CIRCUIT', () => taskWith({ modelId: zeroHash })],
    ['a price below its own', 'ORDER_OUT_OF_BOUNDS', () => taskWith({ priceWei: parseDuck('0.19') })],
    ['another request', 'INPUT_MISMATCH', () => taskWith({}, { request: [3n, 18n, 121n] })],
    ['an order that its requester did not sign', 'BAD_SIGNATURE', () => taskWith({}, {}, stranger)],
    ['an order about to expire', 'ORDER_EXPIRED', () => taskWith({ acceptBy: soon() + 1 })],
    ['a price that is not there', 'INSUFFICIENT_FUNDS', () => taskWith({ priceWei: parseDuck('1001') })],
  ] as [string, ErrorCode, () => Promise<AssignedTask>][]) {
    test(`with ${title} is declined as ${code}`, async () => {
      await assert.rejects(checkTask(await make(), circuits, context), { code })
    })
  }

  const sealedTo = async (taskId: AssignedTask['taskId'], secret: Parameters<typeof sealTaskInput>[0]) => {
    const { publicKey } = await container.proving!.sealKeys.current()
    return sealTaskInput(secret, publicKey, { domain: world.mesh.domain, proverId: 7, taskId })
  }
  const cannotProve: [string, ErrorCode, () => Promise<AssignedTask>][] = [
    ['without inputs', 'BAD_REQUEST', () => taskWith({}, { inputs: null })],
    [
      'without one of the inputs',
      'BAD_REQUEST',
      () => taskWith({}, { inputs: { ...inputs, salt: undefined } }),
    ],
    [
      'with an input of another shape',
      'BAD_REQUEST',
      () => taskWith({}, { inputs: { ...inputs, low: ['1', '2'] } }),
    ],
    [
      'with more numbers than any circuit takes',
      'BAD_REQUEST',
      () => taskWith({}, { inputs: { ...inputs, salt: Array(20_000).fill('1') } }),
    ],
    [
      'with inputs that do not satisfy the circuit',
      'WITNESS_REFUSED',
      () => taskWith({}, { inputs: { ...inputs, value: '17' } }),
    ],
    [
      'with inputs that give other signals than the order names',
      'INPUT_MISMATCH',
      () => taskWith({}, { inputs: { ...inputs, high: '121' } }),
    ],
    [
      'with inputs that were sealed to another key',
      'SEAL_BROKEN',
      async () => {
        const task = await taskWith({}, { privacyLevel: 2, inputs: null })
        const { publicKey } = await generateSealKeyPair()
        const aim = { domain: world.mesh.domain, proverId: 7, taskId: task.taskId }
        return { ...task, sealed: await sealTaskInput({ inputs }, publicKey, aim) }
      },
    ],
    [
      'with a witness that breaks a constraint',
      'WITNESS_REFUSED',
      async () => {
        const task = await taskWith({}, { privacyLevel: 3, inputs: null })
        const witness = Buffer.from(brokenWitness).toString('base64')
        return { ...task, sealed: await sealedTo(task.taskId, { witness }) }
      },
    ],
    [
      'with a witness for another prover or task',
      'INPUT_MISMATCH',
      async () => {
        const task = await taskWith({}, { privacyLevel: 3, inputs: null })
        const witness = Buffer.from(otherWitness).toString('base64')
        return { ...task, sealed: await sealedTo(task.taskId, { witness }) }
      },
    ],
    ['whose time is over', 'PROVER_TIMEOUT', () => taskWith({}, { expiresAtMs: Date.now() - 1 })],
  ]
  for (const [title, code, make] of cannotProve) {
    test(`${title} is not proved: ${code}`, async () => {
      await assert.rejects(makeProof(await make(), circuits[0]!, container.proving!, context), { code })
    })
  }

  test('is proved after all these as before', async () => {
    const task = await taskWith()
    const { proof } = await makeProof(task, circuits[0]!, container.proving!, context)
    assert.deepEqual(decodeGroth16Claim(proof)?.request, request)
  })
})
