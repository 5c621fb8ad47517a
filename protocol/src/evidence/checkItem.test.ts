import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Hex, keccak256, zeroAddress, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { hashCanonical } from '../inference/canonical.ts'
import { replayGrades } from '../reference/grade.ts'
import { type ReplayVerdict, replayVerdictTypedData } from '../reference/verdict.ts'
import { stringifyWire } from '../schemas/wire.ts'
import { type Stream, streamIdOf } from '../streaming/stream.ts'
import { type ChannelConfig, channelIdOf } from '../typed-data/channelConfig.ts'
import { type Receipt, receiptTypedData } from '../typed-data/receipt.ts'
import { batchCommitment, evidenceBatchOf, evidenceDataHash } from './batch.ts'
import { auditFailures, executionFailures, slaFailures } from './checkItem.ts'
import {
  type AuditEvidence,
  type ExecutionEvidence,
  evidenceHash,
  evidenceItemSchema,
  type SlaEvidence,
} from './item.ts'
import { isIncluded } from './merkleTree.ts'
import { slaWindowOf, slaWindowTypedData } from './slaWindow.ts'

const domain = { chainId: 31337, verifyingContract: '0x00000000000000000000000000000000000000AA' } as const
const elsewhere = { ...domain, chainId: 1 }
const provider = privateKeyToAccount(`0x${'1'.repeat(64)}`)
const validator = privateKeyToAccount(`0x${'2'.repeat(64)}`)
const observer = privateKeyToAccount(`0x${'3'.repeat(64)}`)

const channel: ChannelConfig = {
  payer: '0x00000000000000000000000000000000000000B1',
  payerKey: '0x00000000000000000000000000000000000000b2',
  providerId: 7,
  withdrawDelay: 900,
  salt: zeroHash,
}
const stream: Stream = {
  channelId: channelIdOf(domain, channel),
  requestHash: keccak256('0x01'),
  policy: keccak256('0x02'),
  mode: 2,
  requestWei: 1n,
  promptTokenWei: 2n,
  tokenWei: 3n,
  nonce: 9n,
  expiresAt: 2_000_000_000,
}
const streamReceipt: Receipt = {
  jobId: streamIdOf(domain, stream),
  providerId: 7,
  outputHash: keccak256('0x03'),
  assignmentHash: zeroHash,
  amountWei: 5n,
  promptTokens: 1,
  completionTokens: 1,
  startedAt: 10,
  finishedAt: 12,
}

async function executionOf(
  changes: Partial<Receipt> = {},
  paid: ExecutionEvidence['paid'] = { by: 'channel', stream, channel },
): Promise<ExecutionEvidence> {
  const receipt = { ...streamReceipt, ...changes }
  const signature = await provider.signTypedData(receiptTypedData(domain, receipt))
  return { kind: 'execution', receipt, signature, paid }
}

async function auditOf(
  execution: ExecutionEvidence,
  changes: Partial<ReplayVerdict> = {},
): Promise<AuditEvidence> {
  const figures = {
    kernelClass: 'x64-avx2',
    tokens: 1,
    faults: [],
    notDrawnShare: 0,
    largestDistanceNats: 0.25,
    meanDistanceNats: 0,
    largestDeltaNats: 0,
    meanDeltaNats: 0,
    endDistanceNats: 0,
  }
  const verdict: ReplayVerdict = {
    streamId: execution.receipt.jobId,
    outputHash: execution.receipt.outputHash,
    policy: stream.policy,
    validatorId: 8,
    grade: replayGrades.accept,
    figuresHash: hashCanonical(figures),
    at: 20,
    ...changes,
  }
  const signature = await validator.signTypedData(replayVerdictTypedData(domain, verdict))
  return { kind: 'audit', verdict, figures, signature, of: evidenceHash(domain, execution) }
}

async function slaOf(): Promise<SlaEvidence> {
  const samples = { looks: '1101', answers: [{ jobId: zeroHash, latencyMs: 40 }] }
  const window = slaWindowOf({ providerId: 7, observer: observer.address, from: 1, until: 5 }, samples)
  const signature = await observer.signTypedData(slaWindowTypedData(domain, window))
  return { kind: 'sla', window, samples, signature }
}

describe('a proof of execution', () => {
  it('default: holds for a stream and for an order, also after a trip over the wire', async () => {
    for (const item of [await executionOf(), await executionOf({}, { by: 'order' })]) {
      assert.deepEqual(await executionFailures(domain, item, provider.address), [])
      const sent = evidenceItemSchema.parse(JSON.parse(stringifyWire(item)))
      assert.equal(evidenceHash(domain, sent), evidenceHash(domain, item))
    }
  })

  it('error: a changed field, another key, another mesh or no key at all', async () => {
    const item = await executionOf()
    const changed = { ...item, receipt: { ...item.receipt, outputHash: zeroHash } }
    assert.deepEqual(await executionFailures(domain, changed, provider.address), ['signature'])
    assert.deepEqual(await executionFailures(domain, item, validator.address), ['signature'])
    assert.deepEqual(await executionFailures(domain, item, zeroAddress), ['signature'])
    assert.ok((await executionFailures(elsewhere, item, provider.address)).includes('signature'))
  })

  it("error: a provider that signs for another one's stream, or for a made-up one", async () => {
    const thief = await executionOf({ providerId: 6 })
    assert.deepEqual(await executionFailures(domain, thief, provider.address), ['providerId'])
    const moved = await executionOf({}, { by: 'channel', stream, channel: { ...channel, providerId: 6 } })
    assert.deepEqual(await executionFailures(domain, moved, provider.address), ['channel', 'providerId'])
    const other = await executionOf({}, { by: 'channel', stream: { ...stream, nonce: 10n }, channel })
    assert.deepEqual(await executionFailures(domain, other, provider.address), ['stream'])
  })

  it('error: an end before the beginning', async () => {
    const item = await executionOf({ startedAt: 13 })
    assert.deepEqual(await executionFailures(domain, item, provider.address), ['finishedAt'])
  })
})

describe('a proof of audit', () => {
  it('default: holds for the execution that it names', async () => {
    const execution = await executionOf()
    const item = await auditOf(execution)
    assert.deepEqual(await auditFailures(domain, item, execution, validator.address), [])
    const sent = evidenceItemSchema.parse(JSON.parse(stringifyWire(item)))
    assert.equal(evidenceHash(domain, sent), evidenceHash(domain, item))
  })

  it('error: a verdict about another answer, by the provider itself, or with other figures', async () => {
    const execution = await executionOf()
    const failed = async (item: AuditEvidence, of = execution) =>
      auditFailures(domain, item, of, validator.address)
    assert.deepEqual(await failed(await auditOf(execution, { outputHash: zeroHash })), ['outputHash'])
    assert.deepEqual(await failed(await auditOf(execution, { validatorId: 7 })), ['validatorId'])
    assert.deepEqual(await failed(await auditOf(execution, { policy: zeroHash })), ['policy'])
    const item = await auditOf(execution)
    assert.deepEqual(await failed({ ...item, figures: { ...item.figures, tokens: 2 } }), ['signature'])
    const regraded = { ...item, verdict: { ...item.verdict, grade: replayGrades.reject } }
    assert.deepEqual(await failed(regraded), ['signature'])
    const other = await executionOf({ amountWei: 6n })
    assert.deepEqual(await failed(item, other), ['of'])
  })
})

describe('a proof of service level', () => {
  it('default: holds, and follows from its samples', async () => {
    const item = await slaOf()
    assert.deepEqual(await slaFailures(domain, item, observer.address), [])
    assert.equal(item.window.uptimePpm, 750_000)
  })

  it('error: better samples, better figures, a better tier or another observer', async () => {
    const item = await slaOf()
    const failed = (changed: SlaEvidence, by = observer.address) => slaFailures(domain, changed, by)
    const better = { ...item, samples: { ...item.samples, looks: '1111' } }
    assert.deepEqual(await failed(better), ['samplesHash', 'figures'])
    for (const change of [{ p95Ms: 1 }, { tier: 3 }, { uptimePpm: 1_000_000 }]) {
      const window = { ...item.window, ...change }
      const signature = await observer.signTypedData(slaWindowTypedData(domain, window))
      assert.deepEqual(await failed({ ...item, window, signature }), ['figures'])
    }
    assert.deepEqual(await failed(item, provider.address), ['signature', 'observer'])
  })
})

describe('evidence hashes', () => {
  it('default: a known one; another would orphan all that is anchored', () => {
    const receipt = {
      jobId: `0x${'01'.repeat(32)}`,
      providerId: 7,
      outputHash: `0x${'02'.repeat(32)}`,
      assignmentHash: zeroHash,
      amountWei: 5n,
      promptTokens: 1,
      completionTokens: 2,
      startedAt: 10,
      finishedAt: 12,
    } as const
    const signature = `0x${'03'.repeat(65)}` as const
    assert.equal(
      evidenceHash(domain, { kind: 'execution', receipt, signature, paid: { by: 'order' } }),
      '0xb47f1bdd389fc2dc685746b8131fa980f23479b482c9cde81ee4a373cc3bced0',
    )
  })

  it('behavior: bind kind, mesh, statement, signature, payment and subject', async () => {
    const execution = await executionOf()
    const byOrder = await executionOf({}, { by: 'order' })
    const audit = await auditOf(execution)
    const hashes: Hex[] = [
      evidenceHash(domain, execution),
      evidenceHash(elsewhere, execution),
      evidenceHash(domain, byOrder),
      evidenceHash(domain, { ...execution, signature: audit.signature }),
      evidenceHash(domain, audit),
      evidenceHash(domain, { ...audit, of: zeroHash }),
      evidenceHash(domain, await slaOf()),
    ]
    assert.equal(new Set(hashes).size, hashes.length)
  })

  it('behavior: a batch names its items, in their order, and its period', async () => {
    const execution = await executionOf()
    const items = [execution, await auditOf(execution), await slaOf()]
    const leaves = items.map((item) => ({ hash: evidenceHash(domain, item), item }))
    const { batch, paths } = evidenceBatchOf(leaves, { from: 1, until: 2 })
    assert.equal(batch.count, 3)
    for (const [index, { hash }] of leaves.entries()) {
      assert.ok(isIncluded(hash, { ...batch, index, path: paths[index]! }))
    }
    assert.equal(batch.dataHash, evidenceDataHash(items))
    const turned = evidenceBatchOf(leaves.toReversed(), { from: 1, until: 2 }).batch
    assert.notEqual(turned.root, batch.root)
    assert.notEqual(turned.dataHash, batch.dataHash)
    const commitments = [batch, turned, { ...batch, until: 3 }, { ...batch, from: 0 }, { ...batch, count: 2 }]
    assert.equal(new Set(commitments.map(batchCommitment)).size, commitments.length)
  })
})
