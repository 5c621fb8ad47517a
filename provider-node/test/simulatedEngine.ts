import { type Chunk, DuckMeshError, type ExecutionProfile, type StreamApi } from '@duckmesh/protocol'
import type { Executor } from '../src/executors/executor.ts'
import type { GenerationEnd, GenerationStep } from '../src/executors/generator.ts'

/** What a simulated engine does; a test may change it between streams, and while one runs. */
export type Script = {
  promptTokens: number
  /** Awaited before the first step, as long as an engine has no slot. */
  beforePrompt: () => Promise<void> | void
  /** Awaited before each token. */
  beforeToken: (index: number) => Promise<void> | void
  /** Thrown instead of this token. */
  failAt: number | undefined
  text: (index: number) => string
  /** Whether tokens are told. */
  tells: boolean
  /** Tokens of one piece. */
  tokensPerPiece: number
}

/** An engine without a model, for what no real one does on demand: hold, fail, lie, run five hundred at once. */
export type SimulatedEngine = Executor & { script: Script; running: number; started: number }

/** @param profile of a real model, so that it can take its place */
export function createSimulatedEngine(
  profile: ExecutionProfile,
  slots: number,
  script: Partial<Script> = {},
): SimulatedEngine {
  const apis: StreamApi[] = ['chat', 'completion', 'embedding']
  const engine: SimulatedEngine = {
    profile,
    contextTokens: profile.contextTokens,
    script: {
      promptTokens: 4,
      beforePrompt: () => undefined,
      beforeToken: () => undefined,
      failAt: undefined,
      text: (index) => `w${index} `,
      tells: true,
      tokensPerPiece: 1,
      ...script,
    },
    running: 0,
    started: 0,
    run: () => Promise.reject(new DuckMeshError('EXECUTOR_FAILED', 'A simulated engine runs streams alone.')),
    close: () => Promise.resolve(),
    generator: {
      apis,
      givesLogprobs: true,
      slots,
      get busy() {
        return engine.running
      },
      generate: (request, signal) => generate(engine, 'maxTokens' in request ? request.maxTokens : 0, signal),
    },
  }
  return engine
}

async function* generate(
  engine: SimulatedEngine,
  maxTokens: number,
  signal: AbortSignal,
): AsyncGenerator<GenerationStep, GenerationEnd, void> {
  engine.running += 1
  engine.started += 1
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  try {
    await Promise.race([engine.script.beforePrompt(), stopped])
    if (signal.aborted) throw new DuckMeshError('CANCELLED', 'The run was cancelled.')
    yield { type: 'prompt', promptTokens: engine.script.promptTokens }
    for (let index = 0; index < maxTokens; ) {
      const { script } = engine
      await Promise.race([script.beforeToken(index), stopped])
      if (signal.aborted) throw new DuckMeshError('CANCELLED', 'The run was cancelled.')
      if (index === script.failAt) throw new DuckMeshError('EXECUTOR_FAILED', 'The engine broke down.')
      const count = Math.min(script.tokensPerPiece, maxTokens - index)
      const tokens = script.tells ? Array.from({ length: count }, (_, more) => index + more) : []
      const piece: Omit<Chunk, 'index'> = {
        text: script.text(index),
        tokens,
        logprobs: tokens.map(() => -0.5),
      }
      yield { type: 'piece', piece }
      index += count
    }
    return { finishReason: 'length' }
  } finally {
    engine.running -= 1
  }
}
