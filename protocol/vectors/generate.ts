import { writeFileSync } from 'node:fs'
import { type Hex, hashStruct, hashTypedData, keccak256, toHex } from 'viem'
import { stringifyWire } from '../src/schemas/wire.ts'
import { candidatesHash, rankCandidates } from '../src/selection/draw.ts'
import { assignmentTypedData } from '../src/typed-data/assignment.ts'
import { keyRotationTypedData } from '../src/typed-data/keyRotation.ts'
import { orderTypedData } from '../src/typed-data/order.ts'
import { receiptTypedData } from '../src/typed-data/receipt.ts'
import { seatCommitTypedData } from '../src/typed-data/seatCommit.ts'
import { commitmentOf } from '../src/verification/commitment.ts'

// Golden vectors: written once by `node protocol/vectors/generate.ts`, then only read, by the TypeScript tests
// (viem), the contract tests (Solidity and ethers). A change here is a change of the protocol.

const domain = { chainId: 31337, verifyingContract: '0x5FbDB2315678afecb367f032d93F642f64180aa3' } as const
const word = (label: string): Hex => keccak256(toHex(label))
const account = (label: string): Hex => `0x${word(label).slice(26)}`

const order = {
  requester: account('requester'),
  coordinator: account('coordinator'),
  providerId: 0,
  kind: 0,
  mode: 1,
  seats: 3,
  priceWei: 3_000_000_000_000_000_001n,
  bondWei: 50n * 10n ** 18n,
  modelId: word('model'),
  inputHash: word('input'),
  policy: word('policy'),
  nonce: 2n ** 64n - 1n,
  acceptBy: 1_900_000_000,
  execWindow: 30,
  disputeWindow: 60,
}
const largest = {
  requester: `0x${'ff'.repeat(20)}` as Hex,
  coordinator: `0x${'00'.repeat(20)}` as Hex,
  providerId: 2 ** 32 - 1,
  kind: 255,
  mode: 255,
  seats: 255,
  priceWei: 2n ** 96n - 1n,
  bondWei: 2n ** 96n - 1n,
  modelId: `0x${'ff'.repeat(32)}` as Hex,
  inputHash: `0x${'00'.repeat(32)}` as Hex,
  policy: `0x${'ff'.repeat(32)}` as Hex,
  nonce: 0n,
  acceptBy: 2 ** 40 - 1,
  execWindow: 2 ** 32 - 1,
  disputeWindow: 0,
}
const jobId = hashTypedData(orderTypedData(domain, order))
const commitment = commitmentOf({
  jobId,
  round: 1,
  providerId: 7,
  outputHash: word('output'),
  salt: word('salt'),
})
const assignment = {
  jobId,
  round: 1,
  seats: [7, 2, 300],
  seed: word('seed'),
  candidatesHash: word('c'),
  issuedAt: 1_800_000_000,
}
const receipt = {
  jobId,
  providerId: 7,
  outputHash: word('output'),
  assignmentHash: word('assignment'),
  amountWei: 10n ** 18n,
  promptTokens: 12,
  completionTokens: 64,
  startedAt: 1_800_000_001,
  finishedAt: 1_800_000_002,
}

const entries = [
  ['order', orderTypedData(domain, order)],
  ['order with every field at an end of its range', orderTypedData({ ...domain, chainId: 1 }, largest)],
  ['assignment', assignmentTypedData(domain, assignment)],
  ['assignment without seats', assignmentTypedData(domain, { ...assignment, seats: [] })],
  ['seat commit', seatCommitTypedData(domain, { jobId, round: 1, providerId: 7, commitment })],
  ['receipt', receiptTypedData(domain, receipt)],
  ['key rotation', keyRotationTypedData(domain, { providerId: 7, newKey: account('new'), keyEpoch: 3 })],
] as const

const typedData = entries.map(([name, data]) => ({
  name,
  domain: { chainId: data.domain.chainId, verifyingContract: data.domain.verifyingContract },
  struct: data.primaryType,
  message: data.message,
  structHash: hashStruct({ types: data.types, primaryType: data.primaryType, data: data.message } as never),
  digest: hashTypedData(data as never),
}))

const candidates = [1, 2, 3, 5, 8].map((providerId) => ({
  providerId,
  weightWei: BigInt(providerId) * 10n ** 21n,
}))
const write = (name: string, value: unknown) =>
  writeFileSync(new URL(`./${name}.json`, import.meta.url), `${stringifyWire(value, 2)}\n`)

write('typed-data', typedData)
write('commitment', [
  { jobId, round: 1, providerId: 7, outputHash: word('output'), salt: word('salt'), commitment },
])
write('draw', {
  candidates,
  candidatesHash: candidatesHash(candidates),
  draws: ['a', 'b', 'c', 'd'].map((label) => ({
    seed: word(label),
    ranking: rankCandidates(word(label), candidates),
  })),
})
