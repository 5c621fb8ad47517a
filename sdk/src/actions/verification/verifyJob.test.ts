import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  commitmentOf,
  DuckMeshError,
  hashCanonical,
  keyRotationTypedData,
  parseDuck,
  receiptTypedData,
} from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { saltOf } from '../../../test/playRedundantJob.ts'
import { startTestCoordinator, type TestCoordinator } from '../../../test/startTestCoordinator.ts'
import { keyOf, startTestMesh, type TestMesh } from '../../../test/startTestMesh.ts'
import { DuckMeshClient } from '../../clients/DuckMeshClient.ts'
import { gatherEvidence, type JobEvidence } from './jobEvidence.ts'
import { checkEvidence } from './verifyJob.ts'

const lie = { text: 'wrong', tokens: [9], finishReason: 'stop' as const }
const otherHash = hashCanonical('other')

describe('verifyJob', () => {
  let mesh: TestMesh
  let coordinator: TestCoordinator
  let client: DuckMeshClient
  /** Of a job in which one seat was slashed and two were paid. */
  let evidence: JobEvidence

  before(async () => {
    mesh = await startTestMesh(4)
    coordinator = await startTestCoordinator(mesh)
    const { rpcUrl, buyer } = mesh
    client = await DuckMeshClient.connect({ coordinatorUrl: coordinator.url, rpcUrl, account: buyer })
    await client.deposit(parseDuck('100'))
    const { jobId } = await order([lie])
    evidence = await gatherEvidence(client.context, await client.getJobStatus(jobId))
  })
  after(async () => {
    await coordinator.stop()
    await mesh.stop()
  })

  const order = (plays: TestCoordinator['plays']) => {
    coordinator.plays = plays
    return client.submitJob({ prompt: 'Once upon a time', maxTokens: 8 })
  }
  const failedOf = async (changed: JobEvidence) =>
    (await checkEvidence(changed)).checks.filter((check) => !check.ok).map(({ name }) => name)

  it('default: honest evidence of a job with a slashed seat has no failed check', async () => {
    assert.deepEqual(await failedOf(evidence), [])
  })

  /** What could be wrong with the chain's side or the keys, and the check that finds it. */
  const faults: [string, string, (changed: JobEvidence) => void][] = [
    [
      'an order that its requester did not sign',
      'order-signature',
      (e) => {
        e.isOrderSigned = false
      },
    ],
    [
      'a state that the chain does not have',
      'chain-status',
      (e) => {
        e.chain.status = 'refunded'
      },
    ],
    [
      'an assignment by somebody else',
      'assignment-signatures',
      (e) => {
        e.status.assignments[0]!.signature = e.status.commitments[0]!.signature
      },
    ],
    [
      'other seats on chain',
      'seats',
      (e) => {
        e.chain.rounds[0]!.seats = [7, 8, 9]
      },
    ],
    [
      'a key that did not sign',
      'commitments',
      (e) => {
        e.chain.rounds[0]!.signingKeys = new Map()
      },
    ],
    [
      'another majority',
      'majority',
      (e) => {
        e.chain.rounds[0]!.closed!.outputHash = otherHash
      },
    ],
    [
      'another set of winners',
      'majority',
      (e) => {
        e.chain.rounds[0]!.closed!.winnersMask = 0b111n
      },
    ],
    [
      'a winner that was not paid',
      'payments',
      (e) => {
        e.chain.outcome!.paid.pop()
      },
    ],
    [
      'a winner that was paid less',
      'payments',
      (e) => {
        e.chain.outcome!.paid[0]!.earnedWei -= 1n
      },
    ],
    [
      'a refund that is too low',
      'payments',
      (e) => {
        e.chain.outcome!.refundedWei -= 1n
      },
    ],
    [
      'a liar that was not slashed',
      'slashes',
      (e) => {
        e.chain.outcome!.slashed.pop()
      },
    ],
    [
      'a liar that was slashed for something else',
      'slashes',
      (e) => {
        e.chain.outcome!.slashed[0]!.reason = 'silent'
      },
    ],
    [
      'a bond of which too little was burned',
      'slashes',
      (e) => {
        const [slash] = e.chain.outcome!.slashed
        slash!.burnedWei -= parseDuck('1')
        slash!.toRequesterWei += parseDuck('1')
      },
    ],
    [
      'a receipt for another price',
      'receipts',
      (e) => {
        for (const o of e.status.openings) o.receipt.receipt.amountWei += 1n
      },
    ],
  ]
  for (const [fault, check, make] of faults) {
    it(`error: ${fault} is found by "${check}"`, async () => {
      const changed = structuredClone(evidence)
      make(changed)
      const failed = await failedOf(changed)
      assert.ok(failed.includes(check), `found by ${failed.join()}`)
    })
  }

  /** What could be wrong about seats that were paid at once, and the check that finds it. */
  const paidFaults: [string, string, (changed: JobEvidence) => void][] = [
    [
      'a commitment that the coordinator makes up',
      'commitments',
      (e) => {
        e.status.commitments[0]!.commitment = otherHash
      },
    ],
    [
      'a salt that opens nothing',
      'openings',
      (e) => {
        e.status.openings[0]!.salt = otherHash
      },
    ],
    [
      'other seats on chain',
      'seats',
      (e) => {
        e.chain.rounds[0]!.seats = [7, 8, 9]
      },
    ],
    [
      'a seat that was paid more',
      'payments',
      (e) => {
        e.chain.outcome!.paid[0]!.earnedWei += 1n
      },
    ],
    [
      'a refund of what never moved',
      'payments',
      (e) => {
        e.chain.outcome!.refundedWei += 1n
      },
    ],
    [
      'a payment that the chain does not show',
      'chain-status',
      (e) => {
        e.chain.status = 'none'
      },
    ],
  ]
  it('error: each fault of seats that were paid at once is found', async () => {
    coordinator.isPayingAtOnce = true
    const { jobId } = await order([])
    coordinator.isPayingAtOnce = false
    const paid = await gatherEvidence(client.context, await client.getJobStatus(jobId))
    assert.deepEqual(await failedOf(paid), [])
    for (const [fault, check, make] of paidFaults) {
      const changed = structuredClone(paid)
      make(changed)
      const failed = await failedOf(changed)
      assert.ok(failed.includes(check), `${fault}: found by ${failed.join()}`)
    }
  })

  it('behavior: an opening that the contract never saw changes nothing, whoever tells of it', async () => {
    const { jobId } = await order(['silent'])
    const { status } = coordinator.jobs.get(jobId)!
    const providerId = status.assignments[0]!.assignment.seats[0]!
    const { receipt } = coordinator.jobs.get(jobId)!.answer.receipts[0]!
    const salt = saltOf(jobId, providerId)
    const { outputHash } = receipt
    const opening = { jobId, round: 0, providerId, outputHash, salt }
    assert.equal(commitmentOf(opening), status.commitments[0]!.commitment)
    const own = { ...receipt, providerId }
    const { signer } = mesh.providers.find((provider) => provider.providerId === providerId)!
    const signature = await signer.signTypedData(receiptTypedData(mesh.domain, own))
    status.openings.push({
      round: 0,
      providerId,
      outputHash,
      salt,
      receivedAtMs: 3,
      receipt: { receipt: own, signature },
    })
    const { ok, checks } = await client.verifyJob(jobId)
    assert.ok(ok, JSON.stringify(checks.filter((check) => !check.ok)))
  })

  it('behavior: what a provider signed still counts after it rotated its key', async () => {
    const { jobId } = await order([])
    const newKey = privateKeyToAccount(keyOf('rotated'))
    const { providerId, owner } = mesh.providers[0]!
    const rotation = { providerId, newKey: newKey.address, keyEpoch: 1 }
    const proof = await newKey.signTypedData(keyRotationTypedData(mesh.domain, rotation))
    await mesh.call(owner, mesh.mesh, 'rotateKey', [providerId, newKey.address, proof])
    mesh.providers[0]!.signer = newKey // what it signs from now on
    const { ok, checks } = await client.verifyJob(jobId)
    assert.ok(ok, JSON.stringify(checks.filter((check) => !check.ok)))
  })

  it('default: a receipt alone is checked against order, answer and the key on chain', async () => {
    const job = await order([])
    const { answer, status } = coordinator.jobs.get(job.jobId)!
    const receipt = answer.receipts.find((signed) => signed.receipt.providerId !== 1)!
    const [assignment] = status.assignments
    const good = { receipt, order: job.order, result: answer.result, assignment: assignment! }
    assert.deepEqual(await client.verifyReceipt(good), { ok: true, failed: [] })
    const dearer = { ...job.order, priceWei: job.order.priceWei + 3n }
    const { failed } = await client.verifyReceipt({ ...good, order: dearer })
    assert.deepEqual(failed, ['jobId', 'amountWei'])
    const unknown = { ...receipt, receipt: { ...receipt.receipt, providerId: 77 } }
    assert.deepEqual(await client.verifyReceipt({ ...good, receipt: unknown }), {
      ok: false,
      failed: ['providerId'],
    })
  })

  it('error: a chain that is away is CHAIN_UNAVAILABLE', async () => {
    const { jobId } = evidence.status
    const gone = await startTestMesh()
    const stub = await startTestCoordinator(gone)
    const reader = await DuckMeshClient.connect({ coordinatorUrl: stub.url, rpcUrl: gone.rpcUrl })
    await gone.stop()
    await assert.rejects(reader.getJobOnChain(jobId), (error) => {
      assert.ok(error instanceof DuckMeshError)
      assert.equal(error.code, 'CHAIN_UNAVAILABLE')
      return true
    })
    await stub.stop()
  })
})
