import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Hex, zeroHash } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { verificationModes } from '../constants.ts'
import { hashCanonical } from '../inference/canonical.ts'
import { stringifyWire } from '../schemas/wire.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { receiptTypedData } from '../typed-data/receipt.ts'
import { type Evidence, evidenceSchema, verifyEvidence } from './evidence.ts'
import type { ReplayFigures } from './figures.ts'
import { replayGrades } from './grade.ts'
import { bindReplay, type ReplayBody } from './replay.ts'
import { replayVerdictTypedData } from './verdict.ts'

const domain: MeshDomain = {
  chainId: 31_337,
  verifyingContract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
}
const accounts = [1, 2, 3, 4].map((id) => [id, privateKeyToAccount(generatePrivateKey())] as const)
const accountOf = new Map(accounts)
const keys = new Map(accounts.map(([id, { address }]) => [id, address]))
const PROVIDER = 1

const profile: ReplayBody['profile'] = {
  model: 'ab'.repeat(32),
  name: 'some',
  quantisation: 'Q8_0',
  tokenizer: 'llama/100',
  sampler: { topK: 0, topP: 1, minP: 0 },
  engine: 'engine@1',
  kernelClass: 'avx2',
  contextTokens: 256,
}
const request: ReplayBody['request'] = {
  api: 'completion',
  prompt: 'Once',
  maxTokens: 2,
  temperature: 0.8,
  topP: 1,
  seed: 7,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}
const answer: ReplayBody = {
  stream: {
    channelId: zeroHash,
    requestHash: hashCanonical(request),
    policy: hashCanonical(profile),
    mode: verificationModes.reference,
    requestWei: 0n,
    promptTokenWei: 1n,
    tokenWei: 2n,
    nonce: 1n,
    expiresAt: 2_000_000_000,
  },
  request,
  profile,
  chunks: [{ index: 0, text: 'ab', tokens: [4, 5], logprobs: [-1, -2] }],
  promptTokens: 3,
  finishReason: 'length',
}
const bad: ReplayFigures = {
  kernelClass: 'avx512',
  tokens: 2,
  faults: ['text'],
  notDrawnShare: 0,
  largestDistanceNats: 0,
  meanDistanceNats: 0,
  largestDeltaNats: 0,
  meanDeltaNats: 0,
  endDistanceNats: 0,
}

async function verdictOf(
  validatorId: number,
  figures = bad,
  fields: { outputHash?: Hex; grade?: number } = {},
) {
  const { streamId, outputHash } = bindReplay(domain, answer)
  const verdict = {
    streamId,
    outputHash,
    policy: answer.stream.policy,
    validatorId,
    grade: replayGrades.reject as number,
    figuresHash: hashCanonical(figures),
    at: 1_900_000_000,
    ...fields,
  }
  const signature = await accountOf.get(validatorId)!.signTypedData(replayVerdictTypedData(domain, verdict))
  return { verdict, figures, signature }
}

async function setup(changes: Partial<Evidence> = {}): Promise<Evidence> {
  const { streamId: jobId, outputHash } = bindReplay(domain, answer)
  const receipt = {
    jobId,
    providerId: PROVIDER,
    outputHash,
    assignmentHash: zeroHash,
    amountWei: 7n,
    promptTokens: 3,
    completionTokens: 2,
    startedAt: 1_900_000_000,
    finishedAt: 1_900_000_001,
  }
  const signature = await accountOf.get(PROVIDER)!.signTypedData(receiptTypedData(domain, receipt))
  const verdicts = [await verdictOf(2), await verdictOf(3)]
  return { answer, receipt: { receipt, signature }, verdicts, ...changes }
}

const failures = async (changes: Partial<Evidence> = {}) => verifyEvidence(domain, await setup(changes), keys)

describe('verifyEvidence', () => {
  test('holds when two others signed that the signed answer is bad, also after the wire', async () => {
    const evidence = await setup()
    assert.deepEqual(await verifyEvidence(domain, evidence, keys), [])
    const sent = evidenceSchema.parse(JSON.parse(stringifyWire(evidence)))
    assert.deepEqual(await verifyEvidence(domain, sent, keys), [])
  })

  test('the answer cannot be exchanged for one that the provider did not give', async () => {
    const chunks = [{ ...answer.chunks[0]!, text: 'zz' }]
    assert.deepEqual(await failures({ answer: { ...answer, chunks } }), ['receipt', 'verdicts', 'rejections'])
  })

  test('nor why it ended: who stopped early cannot say that it was cut', async () => {
    const other = { ...answer, finishReason: 'cut' as const }
    assert.deepEqual(await failures({ answer: other }), ['receipt', 'verdicts', 'rejections'])
  })

  test('nor the request, the seed or the profile', async () => {
    const other = { ...answer, request: { ...request, seed: 8 } }
    assert.deepEqual(await failures({ answer: other }), ['answer'])
    const moved = { ...other, stream: { ...answer.stream, requestHash: hashCanonical(other.request) } }
    assert.deepEqual(await failures({ answer: moved }), ['receipt', 'verdicts', 'rejections'])
    const elsewhere = { ...answer, profile: { ...profile, quantisation: 'F16' } }
    assert.deepEqual(await failures({ answer: elsewhere }), ['answer'])
  })

  test('a receipt of somebody else is none', async () => {
    const { receipt } = await setup()
    const signature = await accountOf.get(4)!.signTypedData(receiptTypedData(domain, receipt.receipt))
    assert.deepEqual(await failures({ receipt: { ...receipt, signature } }), ['receipt.signature'])
  })

  test('one validator, the same one twice, or the provider itself are not two others', async () => {
    assert.deepEqual(await failures({ verdicts: [await verdictOf(2)] }), ['rejections'])
    assert.deepEqual(await failures({ verdicts: [await verdictOf(2), await verdictOf(2)] }), ['rejections'])
    const own = [await verdictOf(2), await verdictOf(PROVIDER)]
    assert.deepEqual(await failures({ verdicts: own }), ['verdicts', 'rejections'])
  })

  test('a rejection that its own figures do not support does not count', async () => {
    const good = { ...bad, faults: [] }
    assert.deepEqual(await failures({ verdicts: [await verdictOf(2), await verdictOf(3, good)] }), [
      'rejections',
    ])
    const accepted = await verdictOf(3, bad, { grade: replayGrades.accept })
    assert.deepEqual(await failures({ verdicts: [await verdictOf(2), accepted] }), ['rejections'])
  })

  test('figures and signatures that were changed afterwards do not count', async () => {
    const changed = { ...(await verdictOf(3, { ...bad, faults: [] })), figures: bad }
    assert.deepEqual(await failures({ verdicts: [await verdictOf(2), changed] }), ['verdicts', 'rejections'])
    const forged = { ...(await verdictOf(3)), signature: (await verdictOf(2)).signature }
    assert.deepEqual(await failures({ verdicts: [await verdictOf(2), forged] }), ['verdicts', 'rejections'])
  })
})
