import type { Chunk, StreamUsage } from '@duckmesh/protocol'
import type { BuyerResult } from '../buyer.ts'
import { defaultTimes } from '../gateway.ts'
import type { Ask } from './buyAnswer.ts'
import type { Call } from './call.ts'
import { errorBody, toCallerError } from './errorBody.ts'
import { openEventStream } from './eventStream.ts'
import { extrasBody } from './extras.ts'
import { cutError, type OpenAnswer, openAnswer, seedOf, setAnswerHeaders } from './openAnswer.ts'
import { finishWord, type Shape } from './shape.ts'

/** How the client wants its answer. */
export type Wish = {
  /** Model as the client named it. */
  model: string
  isStream: boolean
  includeUsage: boolean
}

const usageBody = ({ promptTokens, completionTokens }: StreamUsage) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
})

/**
 * Answers a request for text, whole or as it is made.
 * @throws DuckMeshError what was refused, while nothing has been sent yet
 */
export async function answerText(call: Call, ask: Ask, shape: Shape, wish: Wish): Promise<void> {
  const answer = await openAnswer(call, ask)
  const head = {
    id: `${shape.idPrefix}${answer.jobId.slice(2)}`,
    created: Math.floor(call.gateway.nowMs() / 1_000),
    model: wish.model,
    system_fingerprint: `fp_${answer.policy.slice(2, 12)}`,
  }
  setAnswerHeaders(call.response, answer)
  const extras = (result: BuyerResult) => extrasBody(ask.terms, answer.policy, seedOf(ask.request), result)
  const send = wish.isStream ? sendStream : sendWhole
  await send(call, answer, shape, { ...wish, head, extras })
}

type Frame = Wish & {
  head: Record<string, unknown>
  extras(result: BuyerResult): unknown
}

async function sendWhole(call: Call, { chunks }: OpenAnswer, shape: Shape, frame: Frame): Promise<void> {
  const parts: Chunk[] = []
  let next = await chunks.next()
  for (; !next.done; next = await chunks.next()) parts.push(next.value)
  const result = next.value
  const reason = finishWord(result.finishReason)
  if (!reason) throw cutError(result, call.life.endedBy)
  call.response.json({
    object: shape.object.whole,
    ...frame.head,
    choices: [shape.whole(parts, reason)],
    usage: usageBody(result.usage),
    duckmesh: frame.extras(result),
  })
}

async function sendStream(call: Call, answer: OpenAnswer, shape: Shape, frame: Frame): Promise<void> {
  const { response, life, gateway } = call
  const stream = openEventStream(response, life, gateway.times ?? defaultTimes)
  const part = (choices: unknown[], rest: Record<string, unknown> = {}) => ({
    ...frame.head,
    object: shape.object.part,
    choices,
    // clients that want the usage find the field in every piece, as the API has it
    ...(frame.includeUsage ? { usage: null } : {}),
    ...rest,
  })
  try {
    for (const choice of shape.first()) await stream.send(part([choice]))
    let next = await answer.chunks.next()
    for (; !next.done; next = await answer.chunks.next()) {
      const choice = shape.part(next.value)
      // whoever is gone is sent nothing; the end still says what was used
      if (choice !== undefined && !life.signal.aborted) await stream.send(part([choice]))
    }
    const result = next.value
    const reason = finishWord(result.finishReason)
    if (!reason) throw cutError(result, life.endedBy)
    const duckmesh = frame.extras(result)
    const last = part([shape.last(reason)], frame.includeUsage ? {} : { duckmesh })
    const usage = frame.includeUsage ? [part([], { usage: usageBody(result.usage), duckmesh })] : []
    stream.end(true, [last, ...usage])
  } catch (thrown) {
    const error = toCallerError(thrown)
    if (error.code === 'INTERNAL') gateway.onError(thrown as Error, factsOf(call))
    stream.end(false, [errorBody(error)])
  }
}

const factsOf = ({ request, response }: Call) => ({
  requestId: String(response.getHeader('x-request-id')),
  path: request.path,
})
