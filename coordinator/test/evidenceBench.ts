import assert from 'node:assert/strict'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import {
  type ChannelConfig,
  channelIdOf,
  duckMeshAbi,
  type EvidenceOfJob,
  evidenceHash,
  evidenceOfJobSchema,
  hashCanonical,
  type PlacedEvidence,
  parseDuck,
  receiptTypedData,
  replayGrades,
  replayVerdictTypedData,
  type Stream,
  streamIdOf,
  stringifyWire,
} from '@duckmesh/protocol'
import { evidenceAnchorsAbi } from '@duckmesh/protocol/modules'
import { type Hex, keccak256, toHex, zeroHash } from 'viem'
import type { EvidenceStage } from '../src/index.ts'
import { profile, resultOf, setUpBench, until } from './bench.ts'
import type { ScriptedSeat } from './scriptedSeat.ts'

/** A bench whose coordinator anchors evidence every half second, and what tests of it ask and say. */
export async function setUpEvidenceBench() {
  /** Told each stage of a batch; what it throws ends the round there, as the end of the process would. */
  const hook: { passes: (stage: EvidenceStage) => void } = { passes: () => undefined }
  const overrides = { observeEvidence: (stage: EvidenceStage) => hook.passes(stage) }
  const bench = await setUpBench({
    keepStore: true,
    env: { SEAT_TIMEOUT_MS: '1500', REVEAL_TIMEOUT_MS: '0', EVIDENCE_PERIOD_MS: '500', SLA_LOOK_MS: '100' },
    overrides,
  })
  const seats = bench.scripted()

  // biome-ignore lint/suspicious/noExplicitAny: what matters of an answer is parsed by its schema
  const get = async (path: string): Promise<any> => (await fetch(`${bench.coordinator.url}${path}`)).json()
  const post = (body: unknown) =>
    fetch(`${bench.coordinator.url}/v1/evidence`, { method: 'POST', body: stringifyWire(body) })
  const read = async (jobId: Hex): Promise<EvidenceOfJob | undefined> =>
    evidenceOfJobSchema.safeParse(await get(`/v1/evidence/${jobId}`)).data
  const anchors = () => bench.deployment.modules.EvidenceAnchors as Hex

  /** Waits until all evidence of a job is on chain. */
  const anchored = (jobId: Hex, count: number): Promise<EvidenceOfJob> =>
    until(async () => {
      const found = await read(jobId)
      return (
        found?.items.length === count && found.items.every(({ inclusion }) => inclusion?.isAnchored) && found
      )
    }, 'anchored evidence')

  /** Whether the chain says that a piece of evidence is where the coordinator says. */
  function onChain({ item, inclusion }: PlacedEvidence): Promise<boolean> {
    const { anchorer, sequence, batch, index, path } = inclusion!
    const args = [
      anchorer,
      BigInt(sequence),
      batch,
      evidenceHash(bench.domain, item),
      BigInt(index),
      path,
    ] as const
    return bench.reader.readContract({
      address: anchors(),
      abi: evidenceAnchorsAbi,
      functionName: 'verify',
      args,
    })
  }

  const headOf = () =>
    bench.reader.readContract({
      address: anchors(),
      abi: evidenceAnchorsAbi,
      functionName: 'headOf',
      args: [bench.coordinator.container.signer.address],
    })

  /** Has three seats run a job; `answers` in the order of the seats. */
  async function play(answers: (string | undefined)[]) {
    await Promise.all(seats.map((seat) => seat.announce(profile)))
    const made = bench.makeOrder()
    assert.equal((await bench.submit(made)).status, 201)
    const jobId = bench.idOf(made)
    const drawn = await until(async () => {
      const { assignments } = await get(`/v1/jobs/${jobId}`)
      return assignments.at(-1)?.assignment.seats.map((id: number) => seats[id - 1]!) as
        | ScriptedSeat[]
        | undefined
    }, 'assignment')
    const works = await Promise.all(
      drawn.map(async (seat) => {
        const item = (await seat.work()).items.find((work) => work.jobId === jobId && work.type === 'run')
        assert.ok(item?.type === 'run')
        return { seat, item }
      }),
    )
    const playing = works.map((work, index) => ({ ...work, result: resultOf(answers[index]!) }))
    await Promise.all(
      playing.map(({ seat, item, result }) => seat.commit(item, seat.commitmentFor(item, result))),
    )
    const isOpen = async (seat: ScriptedSeat) =>
      (await seat.work()).items.some((work) => work.type === 'open' && work.jobId === jobId)
    await Promise.all(playing.map(({ seat }) => until(() => isOpen(seat), 'open work')))
    await Promise.all(playing.map(({ seat, item, result }) => seat.open(item, result)))
    await until(async () => (await get(`/v1/jobs/${jobId}`)).state === 'settled', 'settled')
    return { jobId, drawn }
  }

  /** A stream over a channel that is on chain, run by provider 1. */
  async function runStream(
    nonce: bigint,
    changes: { channel?: Partial<ChannelConfig>; isClosed?: boolean } = {},
  ) {
    const channel: ChannelConfig = {
      payer: bench.buyer.address,
      payerKey: bench.buyer.address,
      providerId: 1,
      withdrawDelay: 900,
      salt: keccak256(toHex(`salt ${nonce}`)),
      ...changes.channel,
    }
    if (!changes.isClosed) {
      const args = [channel, parseDuck('1')]
      await bench.write(bench.buyer, bench.deployment.mesh, duckMeshAbi, 'openChannel', args)
    }
    const stream: Stream = {
      channelId: channelIdOf(bench.domain, channel),
      requestHash: keccak256('0x01'),
      policy: hashCanonical(profile),
      mode: 2,
      requestWei: 0n,
      promptTokenWei: 1n,
      tokenWei: 1n,
      nonce,
      expiresAt: 2_000_000_000,
    }
    const receipt = {
      jobId: streamIdOf(bench.domain, stream),
      providerId: 1,
      outputHash: keccak256('0x03'),
      assignmentHash: zeroHash,
      amountWei: 5n,
      promptTokens: 1,
      completionTokens: 1,
      startedAt: 10,
      finishedAt: 12,
    }
    const sign = (index: number, given = receipt) =>
      devAccount(devIndex.firstSigner + index).signTypedData(receiptTypedData(bench.domain, given))
    const paid = { by: 'channel' as const, stream, channel }
    return { receipt, paid, sign, body: { receipt: { receipt, signature: await sign(0) }, paid } }
  }

  /** Verdict of provider `index + 1` about a stream. */
  async function verdictOf(
    { receipt, paid }: Awaited<ReturnType<typeof runStream>>,
    index: number,
    changes = {},
  ) {
    const figures = {
      kernelClass: 'none',
      tokens: 1,
      faults: [],
      notDrawnShare: 0,
      largestDistanceNats: 0,
      meanDistanceNats: 0,
      largestDeltaNats: 0,
      meanDeltaNats: 0,
      endDistanceNats: 0,
    }
    const verdict = {
      streamId: receipt.jobId,
      outputHash: receipt.outputHash,
      policy: paid.stream.policy,
      validatorId: index + 1,
      grade: replayGrades.accept,
      figuresHash: hashCanonical(figures),
      at: 20,
      ...changes,
    }
    const key = devAccount(devIndex.firstSigner + index)
    return {
      verdict,
      figures,
      signature: await key.signTypedData(replayVerdictTypedData(bench.domain, verdict)),
    }
  }

  const parts = { get, post, read, anchors, anchored, onChain, headOf, play, runStream, verdictOf }
  return { bench, hook, overrides, ...parts }
}
