import { concat, TypedDataEncoder } from 'ethers'
import { connect, ethers, type World, ZERO_HASH } from './mesh.ts'
import { type Assignment, commitmentOf, type Order, signStruct, types } from './typedData.ts'

export const HONEST = ethers.id('honest output')
export const WRONG = ethers.id('wrong output')

/** One round of a redundant job as the test sees it: all secrets known. */
export interface TestRound {
  order: Order
  jobId: string
  round: number
  assignment: Assignment
  ids: number[]
  outputs: string[]
  salts: string[]
  commitments: string[]
}

export function saltOf(jobId: string, round: number, id: number): string {
  return ethers.solidityPackedKeccak256(['bytes32', 'uint8', 'uint32'], [jobId, round, id])
}

export function redundantOrder(world: World, overrides: Partial<Order> = {}): Promise<Order> {
  return world.orderOf({ mode: 1, seats: 3, ...overrides })
}

/** @param outputs what each seat computed, in seat order; seats default to providers 1, 2, 3, … */
export function roundOf(
  world: World,
  order: Order,
  outputs: string[],
  { round = 0, ids = outputs.map((_, index) => index + 1) }: { round?: number; ids?: number[] } = {},
): TestRound {
  const jobId = world.jobIdOf(order)
  const salts = ids.map((id) => saltOf(jobId, round, id))
  return {
    order,
    jobId,
    round,
    ids,
    outputs,
    salts,
    commitments: ids.map((id, i) => commitmentOf(jobId, round, id, outputs[i] ?? '', salts[i] ?? '')),
    assignment: {
      jobId,
      round,
      seats: ids,
      seed: ethers.id('seed'),
      candidatesHash: ethers.id('candidates'),
      issuedAt: order.acceptBy - 60,
    },
  }
}

export function signAssignment(world: World, assignment: Assignment, signer = world.coordinator) {
  return signStruct(signer, world.domain, 'Assignment', assignment)
}

/** hashStruct of the assignment of a round. */
export function assignmentHashOf({ assignment }: TestRound): string {
  return TypedDataEncoder.hashStruct('Assignment', { Assignment: [...types.Assignment] }, assignment)
}

export async function seatSignatures(world: World, round: TestRound) {
  const { ids, commitments } = round
  const assignmentHash = assignmentHashOf(round)
  const signatures = ids.map((id, i) =>
    signStruct(world.provider(id - 1).key, world.domain, 'SeatCommit', {
      assignmentHash,
      providerId: id,
      commitment: commitments[i],
    }),
  )
  return concat(await Promise.all(signatures))
}

/** keccak256(abi.encode(seats, commitments)). */
export function seatsDigestOf({ ids, commitments }: TestRound): string {
  const encoded = ethers.AbiCoder.defaultAbiCoder().encode(['uint32[]', 'bytes32[]'], [ids, commitments])
  return ethers.keccak256(encoded)
}

/** What every seat signs when it holds all commitments. */
export async function revealSignatures(world: World, round: TestRound): Promise<string> {
  const assignmentHash = assignmentHashOf(round)
  const seatsDigest = seatsDigestOf(round)
  const signatures = round.ids.map((id, i) =>
    signStruct(world.provider(id - 1).key, world.domain, 'SeatReveal', {
      assignmentHash,
      providerId: id,
      seatsDigest,
      outputHash: round.outputs[i],
    }),
  )
  return concat(await Promise.all(signatures))
}

export type SettleSeatsArguments = [Order, string, Assignment, string, string, string[], string]

export async function settleSeatsArguments(world: World, round: TestRound): Promise<SettleSeatsArguments> {
  return [
    round.order,
    await world.signOrder(round.order),
    round.assignment,
    await signAssignment(world, round.assignment),
    round.outputs[0] ?? ZERO_HASH,
    round.salts,
    await revealSignatures(world, round),
  ]
}

/** Settles a round whose seats agree in one transaction. Sent by a stranger, since the sender is nobody special. */
export async function settleSeats(world: World, round: TestRound) {
  return connect(world.mesh, world.stranger).settleSeats(...(await settleSeatsArguments(world, round)))
}

export type AnchorArguments = [Order, string, Assignment, string, string[], string]

export async function anchorArguments(world: World, r: TestRound): Promise<AnchorArguments> {
  return [
    r.order,
    await world.signOrder(r.order),
    r.assignment,
    await signAssignment(world, r.assignment),
    r.commitments,
    await seatSignatures(world, r),
  ]
}

/** Anchored by a stranger, since the sender is nobody special. */
export async function anchor(world: World, r: TestRound) {
  return connect(world.mesh, world.stranger).anchorSeats(...(await anchorArguments(world, r)))
}

/** @param given indexes of the seats whose openings are brought; all by default */
export function open(world: World, r: TestRound, given: number[] = r.ids.map((_, i) => i)) {
  const only = (values: string[]) => values.map((value, i) => (given.includes(i) ? value : ZERO_HASH))
  return connect(world.mesh, world.stranger).openSeats(
    r.order,
    r.ids,
    r.commitments,
    only(r.outputs),
    only(r.salts),
  )
}

/** A seat's own signature of its commitment. */
export function signSeat(
  world: World,
  r: TestRound,
  index: number,
  signer = world.provider(r.ids[index] - 1).key,
) {
  const [providerId, commitment] = [r.ids[index], r.commitments[index]]
  const assignmentHash = assignmentHashOf(r)
  return signStruct(signer, world.domain, 'SeatCommit', { assignmentHash, providerId, commitment })
}

export async function commitSeat(world: World, r: TestRound, index: number, sender = r.ids[index] ?? 0) {
  return connect(world.mesh, world.provider(sender - 1).key).commitSeat(
    r.order,
    await world.signOrder(r.order),
    r.assignment,
    await signAssignment(world, r.assignment),
    r.ids[index],
    r.commitments[index],
    await signSeat(world, r, index),
  )
}

export function openSeat(world: World, r: TestRound, index: number) {
  return connect(world.mesh, world.stranger).openSeat(
    r.order,
    r.ids,
    r.commitments,
    index,
    r.outputs[index],
    r.salts[index],
  )
}
