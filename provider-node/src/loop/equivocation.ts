import { assignmentHash, DuckMeshError, duckMeshAbi, type SeatCommit } from '@duckmesh/protocol'
import { decodeFunctionData, type Hex, type Log, parseEventLogs, size, slice } from 'viem'
import type { ChainCall } from '../ports/chain.ts'
import type { Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'

const SIGNATURE_BYTES = 65

/** A call that slashes a seat for two commitments. */
export type EquivocationProof = Extract<ChainCall, { kind: 'proveSeatEquivocation' }>

/**
 * Brings to the chain every seat that signed another commitment than the one that it had shown before this node
 * revealed: it waited for the others' outputs. The reporter gets a quarter of the bond. What is refused is only logged:
 * another node may have been faster.
 */
export async function reportEquivocations(row: Row, logs: Log[], context: LoopContext): Promise<void> {
  const { chain, logger } = context
  const { jobId, round } = row
  const attempt = async (work: () => Promise<void>): Promise<void> =>
    work().catch((thrown: unknown) =>
      logger.warn({ err: DuckMeshError.from(thrown), jobId, round }, 'equivocation not proved'),
    )
  await attempt(async () => {
    for (const proof of await equivocations(row, logs, context)) {
      await attempt(async () => {
        await chain.send(proof)
        logger.info({ jobId, round, providerId: proof.first.providerId }, 'proved an equivocation')
      })
    }
  })
}

/** What this node was shown before it revealed, beside what was anchored with another signature of the same seat. */
async function equivocations(
  { order, assignment: assigned, reveal, round }: Row,
  logs: Log[],
  { chain }: LoopContext,
): Promise<EquivocationProof[]> {
  if (!reveal || !assigned) return []
  const events = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'SeatsAnchored' })
  const anchor = events.find((event) => event.args.round === round)
  if (!anchor) return []
  const { seats, commitments } = anchor.args
  const { assignment } = assigned
  const suspects = reveal.seats.filter((seat, index) => {
    const at = seats.indexOf(seat)
    return at >= 0 && commitments[at] !== reveal.commitments[index]
  })
  if (suspects.length === 0) return []
  const together = anchorSignatures(await chain.transactionInput(anchor.transactionHash), seats.length)
  const proofs = suspects.map(async (providerId): Promise<EquivocationProof[]> => {
    const [at, shownAt] = [seats.indexOf(providerId), reveal.seats.indexOf(providerId)]
    const alone = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'SeatCommitted' }).find(
      ({ args }) => args.round === round && args.providerId === providerId,
    )
    const secondSignature = alone
      ? ownSignature(await chain.transactionInput(alone.transactionHash))
      : together[at]
    if (!secondSignature) return []
    const seat = { assignmentHash: assignmentHash(assignment), providerId }
    const first: SeatCommit = { ...seat, commitment: reveal.commitments[shownAt]! }
    const second: SeatCommit = { ...seat, commitment: commitments[at]! }
    const firstSignature = reveal.commitSignatures[shownAt]!
    return [
      { kind: 'proveSeatEquivocation', order, assignment, first, firstSignature, second, secondSignature },
    ]
  })
  return (await Promise.all(proofs)).flat()
}

/** SeatCommit signature in the calldata of a `commitSeat`; none when another contract passed it on. */
function ownSignature(input: Hex): Hex | undefined {
  try {
    const { functionName, args } = decodeFunctionData({ abi: duckMeshAbi, data: input })
    return functionName === 'commitSeat' ? args[6] : undefined
  } catch {
    return undefined // viem throws for calldata of another contract
  }
}

/** SeatCommit signatures in the calldata of `anchorSeats`; none for a round that was anchored in another way. */
function anchorSignatures(input: Hex, seats: number): Hex[] {
  try {
    const { functionName, args } = decodeFunctionData({ abi: duckMeshAbi, data: input })
    if (functionName !== 'anchorSeats' || size(args[5]) !== seats * SIGNATURE_BYTES) return []
    const starts = Array.from({ length: seats }, (_, index) => index * SIGNATURE_BYTES)
    return starts.map((start) => slice(args[5], start, start + SIGNATURE_BYTES))
  } catch {
    return [] // viem throws for calldata of another contract, which may have passed the call on
  }
}
