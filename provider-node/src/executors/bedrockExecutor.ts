import { createHash } from 'node:crypto'
import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { DuckMeshError, type ExecutionProfile, type StreamRequest } from '@duckmesh/protocol'
import { bedrockFailure, bedrockInput, readBedrockEvent } from './bedrockWire.ts'
import type { Executor } from './executor.ts'
import { GenerationQueue, type Put } from './generationQueue.ts'
import type { GenerationEnd } from './generator.ts'
import { samplerRules } from './profile.ts'
import { createStreamExecutor } from './streamExecutor.ts'

export type BedrockExecutorOptions = {
  /** Model or inference profile id, e.g. `amazon.nova-lite-v1:0`. */
  model: string
  /** AWS region, e.g. `eu-central-1`. */
  region: string
  /** Tokens of prompt plus answer, as the operator states them. */
  contextTokens: number
  /** Longest silence of Bedrock, ms. @default 120000 */
  timeoutMs?: number | undefined
  /** Calls at the same time. @default 1 */
  slots?: number | undefined
  /** Requests that may wait for a slot. @default 16 */
  maxWaiting?: number | undefined
}

/**
 * Chats on Amazon Bedrock. Credentials come by the default chain of the AWS SDK alone (environment, profile, role),
 * and so does another endpoint (`AWS_ENDPOINT_URL_BEDROCK_RUNTIME`). One call a request, no retry.
 *
 * Warning: nothing about the model can be checked: no seed, no token ids, no log-probabilities. Its streams suit the
 * `signed` mode alone.
 */
export function createBedrockExecutor(options: BedrockExecutorOptions): Executor {
  const { model, region, timeoutMs = 120_000, slots = 1, maxWaiting = 16 } = options
  const client = new BedrockRuntimeClient({ region, maxAttempts: 1 })
  const queue = new GenerationQueue({ slots, maxWaiting })
  const generator = {
    apis: ['chat'] as const,
    givesLogprobs: false,
    slots,
    get busy() {
      return queue.busy
    },
    async *generate(request: StreamRequest, cancel: AbortSignal) {
      if (request.api !== 'chat') {
        throw new DuckMeshError('BAD_REQUEST', 'This engine chats.', { api: request.api })
      }
      const command = new ConverseStreamCommand(bedrockInput(model, request))
      return yield* queue.run((put, signal) => converse(client, command, put, signal, timeoutMs), cancel)
    },
  }
  return createStreamExecutor(bedrockProfile(options), generator, async () => {
    await queue.close()
    client.destroy()
  })
}

/**
 * Profile of a model that nobody but Amazon has: `model` is the hash of its name, since there is no file, and every
 * other condition is undisclosed. Equal profiles promise nothing about equal answers.
 */
function bedrockProfile({ model, region, contextTokens }: BedrockExecutorOptions): ExecutionProfile {
  return {
    model: createHash('sha256').update(`bedrock:${model}`).digest('hex'),
    name: model.slice(0, 64),
    quantisation: 'undisclosed',
    tokenizer: 'undisclosed',
    sampler: { ...samplerRules },
    engine: `aws-bedrock:${region}`,
    kernelClass: 'undisclosed',
    contextTokens,
  }
}

async function converse(
  client: BedrockRuntimeClient,
  command: ConverseStreamCommand,
  put: Put,
  cancel: AbortSignal,
  timeoutMs: number,
): Promise<GenerationEnd['finishReason']> {
  const silence = new AbortController()
  const abortSignal = AbortSignal.any([cancel, silence.signal])
  /** Waits for Bedrock, not longer than allowed; a slow consumer costs it nothing. */
  const awaited = async <Result>(answer: Promise<Result>): Promise<Result> => {
    const { promise, reject } = Promise.withResolvers<never>()
    const stop = () => reject(abortSignal.reason)
    abortSignal.addEventListener('abort', stop, { once: true })
    const timer = setTimeout(() => silence.abort(), timeoutMs)
    try {
      return await Promise.race([answer, promise])
    } finally {
      clearTimeout(timer)
      abortSignal.removeEventListener('abort', stop)
    }
  }
  try {
    const { stream } = await awaited(client.send(command, { abortSignal }))
    if (!stream) throw new DuckMeshError('EXECUTOR_FAILED', 'Bedrock gave no stream.')
    let hasUsage = false
    let finishReason: GenerationEnd['finishReason'] | undefined
    const events = stream[Symbol.asyncIterator]()
    for (let next = await awaited(events.next()); !next.done; next = await awaited(events.next())) {
      const event = readBedrockEvent(next.value)
      finishReason ??= event.finishReason
      hasUsage ||= event.step?.type === 'prompt'
      if (event.step) await put(event.step)
    }
    if (!finishReason) throw new DuckMeshError('EXECUTOR_FAILED', 'The answer has no end.')
    if (!hasUsage) await put({ type: 'prompt', promptTokens: 0 })
    return finishReason
  } catch (cause) {
    if (cancel.aborted || !silence.signal.aborted) throw bedrockFailure(cause)
    const message = `Bedrock did not answer within ${timeoutMs} ms.`
    throw new DuckMeshError('EXECUTOR_TIMEOUT', message, { timeoutMs }, { cause })
  } finally {
    // closes the call also when its answer was refused half-way
    silence.abort()
  }
}
