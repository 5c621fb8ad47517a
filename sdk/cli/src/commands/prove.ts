import { DuckMeshError, formatDuck, type TaskStatus } from '@duckmesh/protocol'
import type { DuckMeshClient } from '@duckmesh/sdk'
import type { Command } from 'commander'
import type { Hex } from 'viem'
import { type DigitMode, type DigitModel, digitImage, digitModes, digitTask } from '../digits/digitTask.ts'
import { drawDigit } from '../digits/readDigit.ts'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { duckArgument, integerArgument, jobIdArgument } from '../parseArgument.ts'
import { startProgressLine } from '../progressLine.ts'

type ProveFlags = {
  mnist?: string
  mode: string
  key?: string
  price?: string
  privacy: string
  within: string
}

const LAST_TEST_IMAGE = 9_999

/** `duckmesh prove digit <image.png>`: the class of an image, proved by the market and verified here. */
export const proveCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand<ProveFlags>(
    'prove <statement> [image]',
    'order a zero-knowledge proof and verify it: prove digit <image.png>',
    io,
    finish,
    async ({ flags, output, settings, connect }, statement, image) => {
      if (statement !== 'digit') {
        throw new DuckMeshError('BAD_REQUEST', `"${statement}" cannot be proved; "digit" can.`, {
          argument: 'statement',
        })
      }
      const index =
        flags.mnist === undefined ? undefined : integerArgument('--mnist', flags.mnist, 0, LAST_TEST_IMAGE)
      const level = integerArgument('--privacy', flags.privacy, 1, 2) as 1 | 2
      const withinSeconds = integerArgument('--within', flags.within, 10, 86_400)
      const priceWei = flags.price === undefined ? undefined : duckArgument('--price', flags.price)
      const mode = modeArgument(flags.mode)
      const pixels = await digitImage(image, index)
      // whose hidden model it is, only its owner says
      const known = mode === 'hidden' ? undefined : (await settings()).proofKeys[digitModes[mode].circuit]
      const modelId = flags.key === undefined ? known : jobIdArgument(flags.key)
      if (!modelId) {
        const message = `Nothing says which key or model is the classifier: name it with --key.`
        throw new DuckMeshError('BAD_CONFIG', message, { setting: '--key' })
      }
      const startedAtMs = performance.now()
      const client = await connect()
      const progress = startProgressLine(io, output.isJson)
      try {
        const onStatus = (status: TaskStatus) => progress.say(describe(status))
        const model = await digitModel(client, mode, modelId)
        const parameters = { ...(await digitTask(pixels, model, level)), priceWei, withinSeconds }
        const proven = await client.proveTask(parameters, { onStatus, signal: io.signal })
        progress.stop()
        const elapsedMs = Math.round(performance.now() - startedAtMs)
        const digit = Number(proven.results[0])
        output.document({ digit, ...proven, mode, modelId, verified: true, elapsedMs })
        for (const line of drawDigit(pixels)) output.line(`  ${line}`)
        output.line()
        output.line(
          formatTable([
            ['class', output.colours.bold(String(digit))],
            ['proved by', `provider ${proven.proverId}, attempt ${proven.attempts}`],
            ['price', `${formatDuck(proven.priceWei)} DUCK, paid with the proof`],
            ['task', proven.taskId],
            ['transaction', proven.transaction],
            ['verified', `here and on chain · ${(elapsedMs / 1_000).toFixed(1)} s`],
          ]),
        )
        return exitCodes.ok
      } finally {
        progress.stop()
      }
    },
  )
    .option('--mnist <index>', 'a test image of MNIST instead of a file, 0 to 9999')
    .option('--mode <mode>', 'constant: the key is the model; packed, hidden: a registered model', 'constant')
    .option('--key <id>', 'verifying key or model of the classifier (default: that of the mesh file)')
    .option('--price <duck>', 'price of the proof (default: the least that a prover asks)')
    .option('--privacy <level>', '1: everybody may read the image; 2: its prover alone', '2')
    .option('--within <seconds>', 'time until the proof must be paid', '300')

function modeArgument(value: string): DigitMode {
  if (Object.hasOwn(digitModes, value)) return value as DigitMode
  throw new DuckMeshError('BAD_REQUEST', `--mode "${value}" is none of constant, packed and hidden.`, {
    argument: '--mode',
  })
}

/** A hidden model is registered with the key that opens its commitment. */
async function digitModel(client: DuckMeshClient, mode: DigitMode, modelId: Hex): Promise<DigitModel> {
  if (mode !== 'hidden') return { mode, modelId }
  const { keyId, commitment } = await client.getHiddenModel(modelId)
  return { mode, modelId: keyId, commitment }
}

function describe({ status, assignedProver, attempt }: TaskStatus): string {
  if (status === 'pending') return attempt === 0 ? 'looking for a prover' : 'looking for another prover'
  if (status === 'assigned') return `provider ${assignedProver} has the task`
  if (status === 'in_progress') return `provider ${assignedProver} proves`
  return status
}
