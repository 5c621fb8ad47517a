import { writeFileSync } from 'node:fs'
import { type Hex, hashStruct, hashTypedData, keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { packBatch } from '../src/market/packed.ts'
import { stringifyWire } from '../src/schemas/wire.ts'
import { candidatesHash, rankCandidates } from '../src/selection/draw.ts'
import { streamCheckpointTypedData } from '../src/streaming/checkpoint.ts'
import { streamTypedData } from '../src/streaming/stream.ts'
import { assignmentHash, assignmentTypedData } from '../src/typed-data/assignment.ts'
import { auctionResultTypedData } from '../src/typed-data/auctionResult.ts'
import { channelConfigTypedData, channelIdOf } from '../src/typed-data/channelConfig.ts'
import { keyRotationTypedData } from '../src/typed-data/keyRotation.ts'
import { orderTypedData } from '../src/typed-data/order.ts'
import { proofClaimTypedData } from '../src/typed-data/proofClaim.ts'
import { receiptTypedData } from '../src/typed-data/receipt.ts'
import { seatCommitTypedData } from '../src/typed-data/seatCommit.ts'
import { seatRevealTypedData } from '../src/typed-data/seatReveal.ts'
import { voucherTypedData } from '../src/typed-data/voucher.ts'
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

const channel = {
  payer: account('payer'),
  payerKey: account('payer key'),
  providerId: 7,
  withdrawDelay: 86_400,
  salt: word('channel'),
}

const seat = { assignmentHash: assignmentHash(assignment), providerId: 7 }
const entries = [
  ['order', orderTypedData(domain, order)],
  ['order with every field at an end of its range', orderTypedData({ ...domain, chainId: 1 }, largest)],
  ['assignment', assignmentTypedData(domain, assignment)],
  ['assignment without seats', assignmentTypedData(domain, { ...assignment, seats: [] })],
  ['seat commit', seatCommitTypedData(domain, { ...seat, commitment })],
  [
    'seat reveal',
    seatRevealTypedData(domain, { ...seat, seatsDigest: word('seats'), outputHash: word('output') }),
  ],
  [
    'proof claim',
    proofClaimTypedData(domain, {
      jobId,
      providerId: 7,
      outputHash: word('output'),
      proofHash: word('proof'),
    }),
  ],
  [
    'stream',
    streamTypedData(domain, {
      channelId: word('channel'),
      requestHash: word('request'),
      policy: word('policy'),
      mode: 2,
      requestWei: 1n,
      promptTokenWei: 2n,
      tokenWei: (1n << 96n) - 1n,
      nonce: (1n << 64n) - 1n,
      expiresAt: 1_800_000_000,
    }),
  ],
  [
    'stream checkpoint',
    streamCheckpointTypedData(domain, {
      streamId: word('stream'),
      providerId: 7,
      chunks: 3,
      head: word('head'),
      promptTokens: 5,
      completionTokens: 9,
      amountWei: 23n,
      at: 1_800_000_000,
    }),
  ],
  [
    'auction result',
    auctionResultTypedData(domain, { jobId, bids: `0x${'00000007'}${'0d'.padStart(24, '0')}` }),
  ],
  ['auction result without bids', auctionResultTypedData(domain, { jobId, bids: '0x' })],
  ['receipt', receiptTypedData(domain, receipt)],
  ['key rotation', keyRotationTypedData(domain, { providerId: 7, newKey: account('new'), keyEpoch: 3 })],
  ['channel config', channelConfigTypedData(domain, channel)],
  [
    'voucher',
    voucherTypedData(domain, { channelId: channelIdOf(domain, channel), maxCumulativeWei: 2n ** 96n - 1n }),
  ],
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

// Two payers, given out of order; two templates; one order that names its provider.
const payers = ['first payer', 'second payer'].map((label) => privateKeyToAccount(word(label)))
const packedItems = await Promise.all(
  [300n, 1n, 3n, 2n].map(async (nonce, index) => {
    const signer = payers[index % 2]!
    const packedOrder = {
      ...order,
      requester: signer.address,
      mode: 0,
      seats: 1,
      providerId: index === 1 ? 7 : 0,
      execWindow: index < 2 ? 30 : 40,
      inputHash: word(`input ${index}`),
      nonce,
    }
    return {
      order: packedOrder,
      signature: await signer.signTypedData(orderTypedData(domain, packedOrder)),
      outputHash: word(`output ${index}`),
      amountWei: 10n ** 18n + BigInt(index),
    }
  }),
)
write('packed', [
  {
    name: 'four orders of two payers',
    domain,
    providerId: 7,
    given: packedItems,
    jobIds: packedItems.map((item) => hashTypedData(orderTypedData(domain, item.order))),
    ...packBatch(7, packedItems),
  },
  {
    name: 'no orders',
    domain,
    providerId: 4_294_967_295,
    given: [],
    jobIds: [],
    ...packBatch(4_294_967_295, []),
  },
])
