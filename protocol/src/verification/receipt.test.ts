import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Hex, padHex, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { hashCanonical } from '../inference/canonical.ts'
import { assignmentHash, assignmentTypedData } from '../typed-data/assignment.ts'
import { jobIdOf, type Order } from '../typed-data/order.ts'
import { type Receipt, receiptTypedData } from '../typed-data/receipt.ts'
import { receiptFailures } from './receipt.ts'

const coordinator = privateKeyToAccount(padHex('0x01', { size: 32 }))
const signer = privateKeyToAccount(padHex('0x02', { size: 32 }))
const domain = { chainId: 1, verifyingContract: coordinator.address }
const result = { text: 'quack', tokens: [1, 2], finishReason: 'stop' as const }
const directed: Order = {
  requester: signer.address,
  coordinator: coordinator.address,
  providerId: 9,
  kind: 0,
  mode: 0,
  seats: 1,
  priceWei: 100n,
  bondWei: 23n,
  modelId: zeroHash,
  inputHash: zeroHash,
  policy: zeroHash,
  nonce: 0n,
  acceptBy: 0,
  execWindow: 0,
  disputeWindow: 0,
}

/** Fields that do not hold of a receipt for `amountWei`, of a seat of the round or of the accepted provider. */
async function failures(order: Order, round: number | undefined, amountWei: bigint): Promise<string[]> {
  const jobId = jobIdOf(domain, order)
  const drawn = { seats: [4, 5, 6], seed: zeroHash, candidatesHash: zeroHash, issuedAt: 1 }
  const assignment = { jobId, round: round ?? 0, ...drawn }
  const signature = await coordinator.signTypedData(assignmentTypedData(domain, assignment))
  const named: Hex = round === undefined ? zeroHash : assignmentHash(assignment)
  const receipt: Receipt = {
    jobId,
    providerId: 4,
    outputHash: hashCanonical(result),
    assignmentHash: named,
    amountWei,
    promptTokens: 1,
    completionTokens: 2,
    startedAt: 1,
    finishedAt: 2,
  }
  const signed = { receipt, signature: await signer.signTypedData(receiptTypedData(domain, receipt)) }
  const evidence = { domain, order, signingKey: signer.address, result }
  return receiptFailures(signed, {
    ...evidence,
    ...(round === undefined ? {} : { assignment: { assignment, signature } }),
  })
}

test('a redundant seat is owed its share of the price', async () => {
  const redundant = { ...directed, mode: 1, seats: 3, providerId: 0 }
  assert.deepEqual(await failures(redundant, 0, 33n), [])
  assert.deepEqual(await failures(redundant, 1, 33n), [])
  assert.deepEqual(await failures(redundant, 0, 34n), ['amountWei'])
})

test('the provider of the on-chain lane is owed the price', async () => {
  assert.deepEqual(await failures(directed, undefined, 100n), [])
  assert.deepEqual(await failures(directed, undefined, 3n), ['amountWei'])
})

test('a seat of a re-execution is owed its share of half of the bond, not the price', async () => {
  assert.deepEqual(await failures(directed, 2, 3n), [])
  assert.deepEqual(await failures(directed, 2, 100n), ['amountWei'])
})
