import {
  type Assignment,
  assignmentHash,
  assignmentTypedData,
  candidatesHash,
  commitmentOf,
  drawAlpha,
  drawSeed,
  duckMeshAbi,
  hashCanonical,
  type InferenceResult,
  type JobEvent,
  type JobResult,
  type JobStatus,
  jobIdOf,
  outcomeFromLogs,
  type ProviderId,
  type Receipt,
  rankCandidates,
  receiptTypedData,
  type SubmitBody,
  seatCommitTypedData,
  seatRevealTypedData,
  seatsDigest,
  seatsOf,
  vrfProve,
} from '@duckmesh/protocol'
import { concat, type Hex, keccak256, stringToHex, zeroHash } from 'viem'
import { keyOf, type TestMesh, type TestProvider } from './startTestMesh.ts'

/** What one seat does: answers, lies by another answer, or stays silent after it has committed. */
export type SeatPlay = InferenceResult | 'silent'

/** A closed job: what the coordinator tells about it. */
export type PlayedJob = { status: JobStatus; answer: JobResult; events: JobEvent[] }

const result: InferenceResult = { text: ' a duck went out.', tokens: [1, 2, 3], finishReason: 'stop' }

/**
 * Plays a redundant job on the real contracts, coordinator and seats included, up to its closing.
 * @param plays what the seats do, in seat order; the honest answer where left out
 * @param isPaidAtOnce the short way, for which all seats must agree
 */
export async function playRedundantJob(
  mesh: TestMesh,
  body: SubmitBody,
  plays: SeatPlay[] = [],
  isPaidAtOnce = false,
): Promise<PlayedJob> {
  const { domain, chain, coordinator, providers } = mesh
  const { order, signature: orderSignature } = body
  const jobId = jobIdOf(domain, order)
  const { assignment, record } = draw(mesh, jobId, order.seats)
  const signature = await coordinator.signTypedData(assignmentTypedData(domain, assignment))
  const seats = await Promise.all(
    assignment.seats.map(async (providerId, index) => {
      const provider = providers.find((candidate) => candidate.providerId === providerId)!
      const play = plays[index] ?? result
      return {
        ...(await seatStatements(mesh, provider, body, assignment, play)),
        isSilent: play === 'silent',
      }
    }),
  )
  const commitments = seats.map((seat) => seat.commitment)
  const entered = [order, orderSignature, assignment, signature]
  const send = async (kind: string, args: unknown[]) => ({
    kind,
    hash: await mesh.call(coordinator, mesh.mesh, kind, args),
  })
  const anchorAndOpen = async () => {
    const seatSignatures = concat(seats.map((seat) => seat.commitSignature))
    const anchored = await send('anchorSeats', [...entered, commitments, seatSignatures])
    if (seats.some((seat) => seat.isSilent)) await chain.increaseTime({ seconds: order.execWindow + 1 })
    const opens = seats.map((seat) => (seat.isSilent ? zeroHash : seat.outputHash))
    const salts = seats.map((seat) => (seat.isSilent ? zeroHash : seat.salt))
    return [anchored, await send('openSeats', [order, assignment.seats, commitments, opens, salts])]
  }
  const payAtOnce = async () => {
    const reveals = await Promise.all(seats.map((seat) => revealOf(mesh, seat, assignment, commitments)))
    const salts = seats.map((seat) => seat.salt)
    return [await send('settleSeats', [...entered, seats[0]!.outputHash, salts, concat(reveals)])]
  }
  const transactions = await (isPaidAtOnce ? payAtOnce() : anchorAndOpen())

  const logs = await chain.getContractEvents({ address: mesh.mesh, abi: duckMeshAbi, fromBlock: 0n })
  const ofJob = logs.filter((log) => (log.args as { jobId?: Hex } | undefined)?.jobId === jobId)
  const outcome = outcomeFromLogs(ofJob as never, new Map([[0, assignment.seats]])) ?? null
  const opened = seats.filter((seat) => !seat.isSilent)
  const winners = opened.filter((seat) => seat.outputHash === outcome?.outputHash)
  const state = outcome ? 'settled' : 'reseating'
  const times = { createdAtMs: 1, updatedAtMs: 2 }
  const status: JobStatus = {
    jobId,
    state,
    round: 0,
    order,
    orderSignature,
    ...times,
    assignments: [{ assignment, signature, record }],
    commitments: seats.map(({ providerId, commitment, commitSignature }) => ({
      round: 0,
      providerId,
      commitment,
      signature: commitSignature,
      receivedAtMs: 1,
    })),
    openings: opened.map(({ providerId, outputHash, salt, receipt }) => ({
      round: 0,
      providerId,
      outputHash,
      salt,
      receipt,
      receivedAtMs: 2,
    })),
    outcome,
    transactions,
    skipped: [],
  }
  const answer: JobResult = {
    jobId,
    result: winners[0]?.result ?? result,
    outputHash: outcome?.outputHash ?? zeroHash,
    receipts: winners.map((seat) => seat.receipt),
  }
  const types = ['received', 'assigned', isPaidAtOnce ? 'revealed' : 'anchored', state] as const
  const events = types.map((type, index): JobEvent => ({ seq: index + 1, type, atMs: index, data: {} }))
  return { status, answer, events }
}

function draw({ providers, coordinator }: TestMesh, jobId: Hex, seats: number) {
  const candidates = providers.map(({ providerId }) => ({ providerId, weightWei: 10n ** 21n }))
  const { proof, output } = vrfProve(keyOf('coordinator'), drawAlpha(jobId, 0))
  const seed = drawSeed(output)
  const assignment: Assignment = {
    jobId,
    round: 0,
    seats: seatsOf(rankCandidates(seed, candidates), [], seats),
    seed,
    candidatesHash: candidatesHash(candidates),
    issuedAt: Math.floor(Date.now() / 1000),
  }
  return { assignment, record: { candidates, publicKey: coordinator.publicKey, proof, excused: [] } }
}

async function seatStatements(
  { domain }: TestMesh,
  { providerId, signer }: TestProvider,
  { order }: SubmitBody,
  assignment: Assignment,
  play: SeatPlay,
) {
  const { jobId } = assignment
  const given = play === 'silent' ? result : play
  const outputHash = hashCanonical(given)
  const salt = saltOf(jobId, providerId)
  const commitment = commitmentOf({ jobId, round: 0, providerId, outputHash, salt })
  const commit = { assignmentHash: assignmentHash(assignment), providerId, commitment }
  const receipt: Receipt = {
    jobId,
    providerId,
    outputHash,
    assignmentHash: assignmentHash(assignment),
    amountWei: order.priceWei / BigInt(order.seats),
    promptTokens: 4,
    completionTokens: given.tokens.length,
    startedAt: 1,
    finishedAt: 2,
  }
  return {
    providerId,
    result: given,
    outputHash,
    salt,
    commitment,
    commitSignature: await signer.signTypedData(seatCommitTypedData(domain, commit)),
    receipt: { receipt, signature: await signer.signTypedData(receiptTypedData(domain, receipt)) },
  }
}

function revealOf(
  { domain, providers }: TestMesh,
  { providerId, outputHash }: { providerId: ProviderId; outputHash: Hex },
  assignment: Assignment,
  commitments: Hex[],
): Promise<Hex> {
  const { signer } = providers.find((provider) => provider.providerId === providerId)!
  const digest = seatsDigest({ seats: assignment.seats, commitments })
  const reveal = { assignmentHash: assignmentHash(assignment), providerId, seatsDigest: digest, outputHash }
  return signer.signTypedData(seatRevealTypedData(domain, reveal))
}

/** Salt of a seat; known, so that tests can open in its place. */
export const saltOf = (jobId: Hex, providerId: ProviderId): Hex =>
  keccak256(concat([jobId, stringToHex(String(providerId))]))
