import { figuresOf, type ReplayBody, type ReplayFigures } from '@duckmesh/protocol'
import type { Machine, MachineAnswer } from '../../provider-node/src/reference/machine.fixture.ts'
import type { Completion } from './requests.ts'

/** Every so many answers one is replayed on another machine too. */
const OTHER_EVERY = 4
/** Answers that a machine makes at once, so that they share engine batches as on a busy node. */
const AT_ONCE = 4
/** Of a long campaign, progress is told each so many answers or replays. */
const TELL_EVERY = 100

/** A comparison of one honest answer. */
export type Comparison = {
  /** The same for all comparisons of one answer. */
  answerKey: string
  kernelClasses: [string, string]
  profile: ReplayBody['profile']
  finishReason: ReplayBody['finishReason']
  figures: ReplayFigures
}

/** Replays an answer on a machine. */
export async function compare(machine: Machine, model: string, answer: MachineAnswer): Promise<Comparison> {
  const { tookMs: _tookMs, ...body } = answer
  const { facts } = await machine.call('replay', model, body)
  const figures = figuresOf(body as ReplayBody, facts)
  const answerKey = JSON.stringify([body.profile.kernelClass, body.request])
  return {
    answerKey,
    kernelClasses: [body.profile.kernelClass, facts.kernelClass],
    profile: body.profile,
    finishReason: body.finishReason,
    figures,
  }
}

/** Takes answers of a machine, several at once. */
export async function answers(
  machine: Machine,
  model: string,
  requests: Completion[],
  say: (text: string) => void = () => undefined,
): Promise<MachineAnswer[]> {
  const found: MachineAnswer[] = []
  for (let start = 0; start < requests.length; start += AT_ONCE) {
    found.push(...(await machine.call('answer', model, requests.slice(start, start + AT_ONCE))))
    if (found.length % TELL_EVERY === 0) say(`${model}: ${found.length} of ${requests.length} answers`)
  }
  return found
}

/**
 * Compares honest answers of each machine: each answer is replayed on the machine that made it, and some on one of the
 * others, in turn. All machines answer at the same time; then all replay, one answer at a time each.
 * @param requestsOf requests for the machine with this index
 */
export async function compareHonest(
  machines: readonly Machine[],
  model: string,
  requestsOf: (machine: number) => Completion[],
  say: (text: string) => void,
  otherEvery = OTHER_EVERY,
): Promise<Comparison[]> {
  const made = await Promise.all(
    machines.map((machine, index) => answers(machine, model, requestsOf(index), say)),
  )
  say(`${model}: ${made.flat().length} honest answers`)
  const work: MachineAnswer[][] = machines.map(() => [])
  for (const [index, found] of made.entries()) {
    for (const [place, answer] of found.entries()) {
      work[index]!.push(answer)
      if (place % otherEvery !== 0 || machines.length === 1) continue
      const turn = (place / otherEvery) % (machines.length - 1)
      work[(index + 1 + turn) % machines.length]!.push(answer)
    }
  }
  const compared = await Promise.all(
    machines.map(async (machine, index) => {
      const found: Comparison[] = []
      const told = () =>
        say(`${model}: machine ${index + 1} of ${machines.length} made ${found.length} replays`)
      for (const answer of work[index]!) {
        found.push(await compare(machine, model, answer))
        if (found.length % TELL_EVERY === 0) told()
      }
      told()
      return found
    }),
  )
  return compared.flat()
}
