// Requests of the streaming lane for the tests of this folder, and a way to take a whole answer.
import type { StreamRequest } from '@duckmesh/protocol'
import type { GenerationEnd, Generator, Piece } from './generator.ts'

type Completion = Extract<StreamRequest, { api: 'completion' }>
type Chat = Extract<StreamRequest, { api: 'chat' }>

const sampling = {
  maxTokens: 60,
  temperature: 0,
  topP: 1,
  seed: 7,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}

export const completion = (fields: Partial<Completion> = {}): Completion => ({
  api: 'completion',
  prompt: 'Once upon a time',
  ...sampling,
  ...fields,
})

export const chat = (content: string, fields: Partial<Chat> = {}): Chat => ({
  api: 'chat',
  messages: [{ role: 'user', content }],
  tools: null,
  toolChoice: null,
  ...sampling,
  ...fields,
})

export type Answer = GenerationEnd & {
  promptTokens: number
  pieces: Piece[]
  text: string
  tokens: number[]
  logprobs: number[]
}

/** Takes a whole answer; `onPiece` sees each piece and may wait. */
export async function take(
  generator: Generator,
  request: StreamRequest,
  {
    signal = new AbortController().signal,
    onPiece,
  }: {
    signal?: AbortSignal
    onPiece?: (piece: Piece) => unknown
  } = {},
): Promise<Answer> {
  const steps = generator.generate(request, signal)
  let promptTokens = -1
  const pieces: Piece[] = []
  let step = await steps.next()
  for (; !step.done; step = await steps.next()) {
    if (step.value.type === 'prompt') promptTokens = step.value.promptTokens
    else {
      pieces.push(step.value.piece)
      await onPiece?.(step.value.piece)
    }
  }
  return {
    ...step.value,
    promptTokens,
    pieces,
    text: pieces.map(({ text }) => text).join(''),
    tokens: pieces.flatMap(({ tokens }) => tokens),
    logprobs: pieces.flatMap(({ logprobs }) => logprobs),
  }
}
