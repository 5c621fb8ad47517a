import { concat, type Hex, keccak256, numberToHex } from 'viem'
import { z } from 'zod'
import type { JobId, ProviderId } from '../ids.ts'
import { replayFiguresSchema } from '../reference/figures.ts'
import { replayVerdictSchema, replayVerdictTypedData } from '../reference/verdict.ts'
import { bytes32Schema, signatureSchema } from '../schemas/primitives.ts'
import { receiptSchema } from '../schemas/statements.ts'
import { streamSchema } from '../streaming/stream.ts'
import { channelConfigSchema } from '../streaming/wire.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { hashStatement } from '../typed-data/hashStatement.ts'
import { receiptTypedData } from '../typed-data/receipt.ts'
import { slaSamplesSchema } from './slaSamples.ts'
import { slaWindowSchema, slaWindowTypedData } from './slaWindow.ts'

/** Kinds of evidence; the number is in every evidence hash. */
export const evidenceKinds = { execution: 1, audit: 2, sla: 3 } as const
export type EvidenceKind = keyof typeof evidenceKinds

/** Version of the evidence hash. */
const VERSION = 1

/**
 * How an execution is paid. `order`: the chain showed the job as paid. `channel`: by vouchers of a payment channel, which
 * pay many streams together; stream and channel show that the job id is a request to just this provider.
 */
export const paidBySchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('order') }),
  z.strictObject({ by: z.literal('channel'), stream: streamSchema, channel: channelConfigSchema }),
])
const paidByCodes = { order: 1, channel: 2 } as const

/** Proof of execution: a provider's signed receipt of one job or stream. */
export const executionSchema = z.strictObject({
  kind: z.literal('execution'),
  receipt: receiptSchema,
  signature: signatureSchema,
  paid: paidBySchema,
})
export type ExecutionEvidence = z.output<typeof executionSchema>

/** Proof of audit: a validator's signed verdict about the answer of one stream. */
export const auditSchema = z.strictObject({
  kind: z.literal('audit'),
  verdict: replayVerdictSchema,
  figures: replayFiguresSchema,
  signature: signatureSchema,
  /** Evidence hash of the execution that it is about: whose receipt it is, is who was audited. */
  of: bytes32Schema,
})
export type AuditEvidence = z.output<typeof auditSchema>

/** Proof of service level: an observer's signed measurement of one provider, with its samples. */
export const slaSchema = z.strictObject({
  kind: z.literal('sla'),
  window: slaWindowSchema,
  samples: slaSamplesSchema,
  signature: signatureSchema,
})
export type SlaEvidence = z.output<typeof slaSchema>

/** One piece of evidence, as it is published and hashed. */
export const evidenceItemSchema = z.discriminatedUnion('kind', [executionSchema, auditSchema, slaSchema])
export type EvidenceItem = z.output<typeof evidenceItemSchema>

/**
 * Hash of a piece of evidence: what a Merkle leaf is made of. It binds version, kind, mesh, statement, signature, and
 * what else is claimed with it; figures, samples, order, stream and channel are bound through the statement.
 * keccak256(version ‖ kind ‖ EIP-712 digest ‖ keccak256(signature) ‖ context).
 */
export function evidenceHash(domain: MeshDomain, item: EvidenceItem): Hex {
  const { digest, context } = boundBy(domain, item)
  const [version, kind] = [VERSION, evidenceKinds[item.kind]].map((byte) => numberToHex(byte, { size: 1 }))
  return keccak256(concat([version!, kind!, digest, keccak256(item.signature), context]))
}

function boundBy(domain: MeshDomain, item: EvidenceItem): { digest: Hex; context: Hex } {
  switch (item.kind) {
    case 'execution': {
      const context = numberToHex(paidByCodes[item.paid.by], { size: 32 })
      return { digest: hashStatement(receiptTypedData(domain, item.receipt)), context }
    }
    case 'audit':
      return { digest: hashStatement(replayVerdictTypedData(domain, item.verdict)), context: item.of }
    case 'sla':
      return {
        digest: hashStatement(slaWindowTypedData(domain, item.window)),
        context: numberToHex(0, { size: 32 }),
      }
  }
}

/** Job or stream that evidence is about; null for a measurement. */
export const jobIdOfEvidence = (item: EvidenceItem): JobId | null =>
  item.kind === 'execution' ? item.receipt.jobId : item.kind === 'audit' ? item.verdict.streamId : null

/** Provider that signed execution or audit, or that was measured. */
export const providerIdOfEvidence = (item: EvidenceItem): ProviderId =>
  item.kind === 'execution'
    ? item.receipt.providerId
    : item.kind === 'audit'
      ? item.verdict.validatorId
      : item.window.providerId
