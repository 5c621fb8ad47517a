import { join } from 'node:path'
import { formatDuck, type JobEvent } from '@duckmesh/protocol'
import type { RunAttempt } from '@duckmesh/sdk'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { createFileRunStore } from '../fileRunStore.ts'
import { formatOutcome } from '../formatOutcome.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { duckArgument, integerArgument, numberArgument } from '../parseArgument.ts'
import { startProgressLine } from '../progressLine.ts'

type RunFlags = {
  maxTokens: string
  temperature: string
  seed: string
  seats: string
  model?: string
  price?: string
  maxPrice?: string
  runId?: string
  bond?: string
  timeout: string
}

/** `duckmesh run "<prompt>"`: owns an order to its end, see `runJob`; what it needs to go on is kept on disk. */
export const runCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand<RunFlags>(
    'run <prompt>',
    'order an answer and verify it',
    io,
    finish,
    async (session, prompt) => {
      const { flags, output } = session
      const timeoutMs = integerArgument('--timeout', flags.timeout, 1, 86_400) * 1_000
      const parameters = {
        prompt: prompt!,
        maxTokens: integerArgument('--max-tokens', flags.maxTokens, 1, 4_096),
        temperature: numberArgument('--temperature', flags.temperature, 0, 2),
        seed: integerArgument('--seed', flags.seed, 0, 0xffff_ffff),
        seats: integerArgument('--seats', flags.seats, 3, 15),
        model: flags.model,
        priceWei: flags.price === undefined ? undefined : duckArgument('--price', flags.price),
        maxPriceWei: flags.maxPrice === undefined ? undefined : duckArgument('--max-price', flags.maxPrice),
        runId: flags.runId,
        timeoutMs,
        bondWei: flags.bond === undefined ? undefined : duckArgument('--bond', flags.bond),
      }
      const startedAtMs = performance.now()
      const client = await session.connect()
      const { dim } = output.colours
      const progress = startProgressLine(io, output.isJson)
      try {
        progress.say('sending the order')
        const onEvent = (event: JobEvent) => progress.say(describe(event))
        const onAttempt = ({ job: { jobId, order }, end, code }: RunAttempt) => {
          if (end === null) output.line(dim(`job ${jobId} for ${formatDuck(order.priceWei)} DUCK`))
          else if (end !== 'answered') output.line(dim(`  ${end}: ${code}`))
        }
        const store = createFileRunStore(join((await session.settings()).stateDir, 'runs'))
        const answer = await client.runJob({ ...parameters, store, onEvent, onAttempt, signal: io.signal })
        progress.stop()
        const elapsedMs = Math.round(performance.now() - startedAtMs)
        output.document({ ...answer, verified: true, elapsedMs })
        output.line()
        output.line(answer.text)
        output.line()
        output.line(formatOutcome(answer.outcome))
        output.line(`verified  ${answer.checks.length} checks hold · ${(elapsedMs / 1_000).toFixed(1)} s`)
        return exitCodes.ok
      } finally {
        progress.stop()
      }
    },
  )
    .option('--max-tokens <number>', 'most tokens of the answer', '64')
    .option('--temperature <number>', '0 = greedy', '0')
    .option('--seed <number>', 'seed of the sampler', '0')
    .option('--seats <number>', 'providers that answer independently, odd', '3')
    .option('--model <name>', 'short name or policy hash (default: the cheapest)')
    .option('--price <duck>', 'whole price to begin with (default: the least that the model costs)')
    .option('--max-price <duck>', 'most that may be paid when too few take it (default: the price)')
    .option('--run-id <name>', 'goes on with this run; the same name is never paid twice')
    .option('--bond <duck>', 'bond of each provider (default: the price)')
    .option('--timeout <seconds>', 'longest wait for the answer', '180')

function describe({ type, data }: JobEvent): string {
  if (type === 'progress') return `provider ${data.providerId} has generated ${data.tokens} tokens`
  if (type === 'committed') return `provider ${data.providerId} has committed`
  if (type === 'revealed') return `provider ${data.providerId} has revealed`
  return type
}
