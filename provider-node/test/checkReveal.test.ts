// What a node demands before it shows its output hash, and what a seat gains that commits once more afterwards.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  type Assignment,
  assignmentHash,
  assignmentTypedData,
  commitmentOf,
  type DuckMeshError,
  duckMeshAbi,
  type ErrorCode,
  hashCanonical,
  keyRotationTypedData,
  type ProviderId,
  parseDuck,
  type RevealWork,
  seatCommitTypedData,
  seatRevealTypedData,
  seatsDigest,
} from '@duckmesh/protocol'
import { concat, type Hex, parseEventLogs, zeroHash } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type Container, createContainer } from '../src/container.ts'
import type { LoopContext } from '../src/loop/context.ts'
import { reportEquivocations } from '../src/loop/equivocation.ts'
import { register } from '../src/loop/register.ts'
import { keepReveal } from '../src/loop/reveal.ts'
import type { Row } from '../src/ports/journal.ts'
import { orderFor, request, signOrder } from './orders.ts'
import { startWorld, type TestWorld } from './testWorld.ts'

const hash = (byte: string): Hex => `0x${byte.repeat(32)}`
const isCode = (code: ErrorCode) => (error: DuckMeshError) => {
  assert.equal(error.code, code, error.message)
  return true
}
const result = { text: 'a duck', tokens: [1, 2], finishReason: 'stop' as const }
const outputHash = hashCanonical(result)
const own = privateKeyToAccount(devPrivateKey(5))

describe('before a node reveals', () => {
  let world: TestWorld
  let context: LoopContext
  let container: Container
  const rivals: PrivateKeyAccount[] = []
  const rivalIds: ProviderId[] = []

  before(async () => {
    world = await startWorld()
    container = await createContainer(world.config(0), { executor: world.executor })
    await world.mesh.fund(container.chain.owner, parseDuck('500'))
    const providerId = await register(container, '')
    for (const [at, index] of [16, 17].entries()) await seatRival(at, index)
    context = {
      ...container,
      providerId,
      startedAtMs: Date.now(),
      signal: new AbortController().signal,
      coordinatorAddress: () => world.coordinator.account.address,
    }
  })
  after(async () => {
    await container.close()
    await world.stop()
  })

  /** Registers another provider, under a development key, as the rival at a place. */
  async function seatRival(at: number, keyIndex: number): Promise<void> {
    const rival = privateKeyToAccount(devPrivateKey(keyIndex))
    await world.mesh.fundDeposit(rival, parseDuck('200'))
    await world.mesh.send(rival, 'registerProvider', [rival.address, zeroHash, '', parseDuck('200')])
    rivals[at] = rival
    rivalIds[at] = await world.mesh.providerIdByKey(rival.address)
  }

  const provenOf = async (jobId: Hex) => {
    const logs = await context.chain.jobLogs(jobId, 0n)
    return parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'EquivocationProven' })
  }
  const seats = () => [context.providerId, ...rivalIds]
  const signers = () => [own, ...rivals]
  const saltOf = (providerId: ProviderId): Hex => hash(`0${providerId}`)
  const commit = (signer: PrivateKeyAccount, assignment: Assignment, providerId: number, commitment: Hex) =>
    signer.signTypedData(
      seatCommitTypedData(world.mesh.domain, {
        assignmentHash: assignmentHash(assignment),
        providerId,
        commitment,
      }),
    )

  /** A seat of this node that has promised and committed, and the work item that asks it to reveal. */
  async function committed(changes: Partial<Assignment> = {}) {
    const { buyer, coordinator, executor, mesh } = world
    const order = orderFor(executor, buyer, { coordinator: coordinator.account.address })
    const { jobId, orderSignature } = await signOrder(mesh.domain, order, buyer)
    const issuedAt = Math.floor(Date.now() / 1_000)
    const drawn = { seed: hash('01'), candidatesHash: hash('02'), issuedAt }
    const assignment = { jobId, round: 0, seats: seats(), ...drawn, ...changes }
    const assignmentSignature = await coordinator.account.signTypedData(
      assignmentTypedData(mesh.domain, assignment),
    )
    const { round } = assignment
    const commitmentFor = (providerId: ProviderId) =>
      commitmentOf({ jobId, round, providerId, outputHash, salt: saltOf(providerId) })
    const commitments = seats().map(commitmentFor)
    const signatures = await Promise.all(
      signers().map((signer, index) => commit(signer, assignment, seats()[index]!, commitments[index]!)),
    )
    const { journal } = context
    const held = { assignment, signature: assignmentSignature }
    const lane = { lane: 'redundant', assignment: held, seenBlock: 0n, receivedAtMs: Date.now() } as const
    journal.receive({ jobId, round, order, orderSignature, request, ...lane })
    const seat = { salt: saltOf(context.providerId), commitment: commitments[0]! }
    const times = { promptTokens: 1, startedAt: 1, finishedAt: 2 }
    journal.promise(jobId, round, { result, outputHash, ...times, seat })
    journal.commitUnder(jobId, round, assignmentHash(assignment))
    const work: RevealWork = { type: 'reveal', jobId, round, seats: seats(), commitments, signatures }
    const row = (): Row => journal.find(jobId, round)!
    return { order, orderSignature, assignment, assignmentSignature, work, row }
  }

  test('it has the signed commitments of all seats; the reveal is kept and never made again', async () => {
    const { assignment, row, work } = await committed()
    const first = await keepReveal(row(), work, context)
    const statement = {
      assignmentHash: assignmentHash(assignment),
      providerId: context.providerId,
      seatsDigest: seatsDigest(work),
      outputHash,
    }
    assert.equal(first.signature, await own.signTypedData(seatRevealTypedData(world.mesh.domain, statement)))
    assert.deepEqual(row().reveal, first)
    assert.deepEqual(await keepReveal(row(), work, context), first)
  })

  for (const [title, code, spoil] of [
    ['other seats', 'NOT_A_SEAT', (work) => ({ ...work, seats: work.seats.toReversed() })],
    [
      'another commitment in its own place',
      'NOT_A_SEAT',
      (work) => ({ ...work, commitments: work.commitments.toReversed() }),
    ],
    [
      'a commitment that repeats another one',
      'NOT_A_SEAT',
      (work) => ({
        ...work,
        commitments: [work.commitments[0]!, work.commitments[1]!, work.commitments[1]!],
      }),
    ],
    ['a missing signature', 'NOT_A_SEAT', (work) => ({ ...work, signatures: work.signatures.slice(1) })],
    [
      'a signature of another seat',
      'BAD_SIGNATURE',
      (work) => ({ ...work, signatures: [work.signatures[0]!, work.signatures[2]!, work.signatures[1]!] }),
    ],
    [
      'a commitment that was not signed',
      'BAD_SIGNATURE',
      (work) => ({ ...work, commitments: [...work.commitments.slice(0, 2), hash('0a')] }),
    ],
  ] as [string, ErrorCode, (work: RevealWork) => RevealWork][]) {
    test(`it refuses ${title}`, async () => {
      const { row, work } = await committed()
      await assert.rejects(keepReveal(row(), spoil(work), context), isCode(code))
      assert.equal(row().reveal, null)
    })
  }

  test('it refuses what was signed for another assignment', async () => {
    const { row, work } = await committed()
    const other = await committed()
    const { commitments, signatures } = work
    const foreign = await commit(rivals[1]!, other.assignment, rivalIds[1]!, commitments[2]!)
    const mixed = { ...work, signatures: [signatures[0]!, signatures[1]!, foreign] }
    await assert.rejects(keepReveal(row(), mixed, context), isCode('BAD_SIGNATURE'))
  })

  test('it refuses when the nonce is used: the order is void, paid or on its way', async () => {
    const { order, row, work } = await committed()
    const { nonce } = order
    await world.mesh.send(world.buyer, 'invalidateNonces', [nonce >> 8n, 1n << (nonce & 0xffn)])
    await assert.rejects(keepReveal(row(), work, context), isCode('WRONG_STAGE'))
  })

  test('it refuses in a later round', async () => {
    const { row, work } = await committed({ round: 1 })
    await assert.rejects(keepReveal(row(), work, context), isCode('WRONG_STAGE'))
  })

  test('it refuses other commitments than those over which it has revealed, signed or not', async () => {
    const { assignment, row, work } = await committed()
    await keepReveal(row(), work, context)
    const second = await commit(rivals[1]!, assignment, rivalIds[1]!, hash('0b'))
    const [mine, theirs] = work.commitments
    const changed = {
      ...work,
      commitments: [mine!, theirs!, hash('0b')],
      signatures: [...work.signatures.slice(0, 2), second],
    }
    await assert.rejects(keepReveal(row(), changed, context), isCode('EQUIVOCATION'))
  })

  test('it refuses when it has committed under an earlier assignment: its seats could still commit', async () => {
    const { row, work } = await committed()
    const { jobId, round } = work
    context.journal.commitUnder(jobId, round, hash('0c'))
    await assert.rejects(keepReveal(row(), work, context), isCode('WRONG_STAGE'))
    assert.equal(row().reveal, null)
  })

  test('afterwards it signs no commitment under another assignment of the round', async () => {
    const { assignment, row, work } = await committed()
    await keepReveal(row(), work, context)
    const { jobId, round } = work
    const { journal } = context
    const later = { assignment: { ...assignment, issuedAt: assignment.issuedAt + 1 }, signature: hash('0d') }
    assert.throws(() => journal.reassign(jobId, round, later), isCode('ALREADY_REVEALED'))
    assert.throws(() => journal.commitUnder(jobId, round, hash('0c')), isCode('ALREADY_REVEALED'))
    journal.commitUnder(jobId, round, assignmentHash(assignment))
  })

  test('it refuses a commitment of a key that was replaced', async () => {
    const { row, work } = await committed()
    const newKey = privateKeyToAccount(devPrivateKey(15))
    const [providerId] = rivalIds
    const rotation = { providerId: providerId!, newKey: newKey.address, keyEpoch: 1 }
    const proof = await newKey.signTypedData(keyRotationTypedData(world.mesh.domain, rotation))
    await world.mesh.send(rivals[0]!, 'rotateKey', [providerId, newKey.address, proof])
    await assert.rejects(keepReveal(row(), work, context), isCode('BAD_SIGNATURE'))
    rivals[0] = newKey
  })

  test('a seat that commits once more cannot be paid at once; anchoring it proves that it equivocated', async () => {
    const { chain, journal } = context
    const { assignment, assignmentSignature, order, orderSignature, row, work } = await committed()
    const [, rival] = rivals
    const [, rivalId] = rivalIds
    // it promised nonsense first, sees the hash of this node by the coordinator's treason, and promises that
    const nonsense = await commit(rival!, assignment, rivalId!, hash('0e'))
    const shown = {
      ...work,
      commitments: [...work.commitments.slice(0, 2), hash('0e')],
      signatures: [...work.signatures.slice(0, 2), nonsense],
    }
    const { signature: honest } = await keepReveal(row(), shown, context)
    const entered = [order, orderSignature, assignment, assignmentSignature] as const
    const revealAs = (signer: PrivateKeyAccount, providerId: ProviderId, digest: Hex) =>
      signer.signTypedData(
        seatRevealTypedData(world.mesh.domain, {
          assignmentHash: assignmentHash(assignment),
          providerId,
          seatsDigest: digest,
          outputHash,
        }),
      )
    for (const commitments of [shown.commitments, work.commitments]) {
      const digest = seatsDigest({ seats: seats(), commitments })
      const others = await Promise.all(rivals.map((one, index) => revealAs(one, rivalIds[index]!, digest)))
      const args = [...entered, outputHash, seats().map(saltOf), concat([honest, ...others])]
      await assert.rejects(world.mesh.send(world.buyer, 'settleSeats', args), /BadSignature/)
    }
    await world.mesh.send(world.buyer, 'anchorSeats', [...entered, work.commitments, concat(work.signatures)])
    const stakeOf = async () => (await world.mesh.provider(rivalId!)).stakedWei
    const before = await stakeOf()
    const logs = await chain.jobLogs(work.jobId, 0n)
    await reportEquivocations(row(), logs, context)
    await reportEquivocations(row(), logs, context) // a key is slashed once; a second report is only logged
    const found = await provenOf(work.jobId)
    assert.deepEqual(
      found.map(({ args }) => [args.providerId, args.reporter]),
      [[rivalId, chain.owner]],
    )
    assert.equal(before - (await stakeOf()), found[0]!.args.bondWei)
    assert.equal(journal.find(work.jobId, 0)?.state, 'promised', 'its own seat goes on')
  })

  test('a seat that commits once more by its own transaction signs twice all the same: it is proved', async () => {
    await seatRival(1, 18) // the key of the one before was slashed
    const { assignment, assignmentSignature, order, orderSignature, row, work } = await committed()
    const [[rival], [rivalId]] = [rivals, rivalIds]
    const nonsense = await commit(rival!, assignment, rivalId!, hash('0f'))
    const [mine, copied, theirs] = work.commitments
    const [own0, copiedSignature, own2] = work.signatures
    const shown = { ...work, commitments: [mine!, hash('0f'), theirs!], signatures: [own0!, nonsense, own2!] }
    await keepReveal(row(), shown, context)
    const entered = [order, orderSignature, assignment, assignmentSignature] as const
    await world.mesh.send(rival!, 'commitSeat', [...entered, rivalId, copied, copiedSignature])
    const signatures = concat([own0!, nonsense, own2!])
    await world.mesh.send(world.buyer, 'anchorSeats', [...entered, work.commitments, signatures])
    await reportEquivocations(row(), await context.chain.jobLogs(work.jobId, 0n), context)
    const found = await provenOf(work.jobId)
    assert.deepEqual([found.length, found[0]?.args.providerId], [1, rivalId])
  })
})
