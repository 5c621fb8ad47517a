import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Buyer, BuyerResult, BuyOptions } from '@duckmesh/gateway'
import { DuckMeshError, formatDuck, limits } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { openBuyer } from '../gateway/openBuyer.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { duckArgument } from '../parseArgument.ts'

type OcrFlags = { model: string; privacy: string; maxPrice?: string; stateDir?: string }

/** `duckmesh ocr <image>`: the text of an image, read by a provider and bought on the streaming lane. */
export const ocrCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand<OcrFlags>(
    'ocr <image>',
    'have the text of an image read (PNG, JPEG or WebP)',
    io,
    finish,
    async ({ flags, connect, settings, output }, path) => {
      const { model, privacy, maxPrice, stateDir } = flags
      if (privacy !== 'open' && privacy !== 'sealed') {
        const details = { argument: 'privacy', value: privacy }
        throw new DuckMeshError('BAD_REQUEST', `--privacy "${privacy}" is not open or sealed.`, details)
      }
      const maxPriceWei = maxPrice === undefined ? undefined : duckArgument('--max-price', maxPrice)
      const image = await readImage(resolve(io.cwd, path!))
      const parameters = { io, settings: await settings(), client: await connect(), stateDir }
      const buyer = await openBuyer(parameters)
      try {
        const options = {
          model: { name: model },
          mode: 'signed',
          privacy,
          maxPriceWei,
          signal: io.signal,
        } as const
        const { text, result } = await readText(buyer, image, options)
        const { costWei, providers, streamIds, receipts, why } = result
        output.document({ text, costWei, providers, streamIds, receipts, why })
        output.line(text.trimEnd())
        output.line()
        output.line(output.colours.dim(`provider ${providers.join(', ')} · ${formatDuck(costWei)} DUCK`))
        return exitCodes.ok
      } finally {
        await buyer.close()
      }
    },
  )
    .option('--model <name>', 'who reads it: name of the engine', 'tesseract-eng')
    .option('--privacy <kind>', 'open, or sealed to the provider', 'open')
    .option('--max-price <duck>', 'most that it may cost')
    .option('--state-dir <path>', 'folder of the purse (default: gateway, beside the mesh file)')

/** A file as base64. @throws DuckMeshError `BAD_REQUEST` when it cannot be read or is too large to be sent */
async function readImage(path: string): Promise<string> {
  const fault = (what: string, cause?: unknown) =>
    new DuckMeshError('BAD_REQUEST', `${path} ${what}.`, { argument: 'image' }, { cause })
  // base64 makes four characters of three bytes, and the rest of the body wants some room
  const mostBytes = Math.floor((limits.maxStreamBodyBytes * 3) / 4) - 16_384
  try {
    const { size } = await stat(path)
    if (size > mostBytes) throw fault(`has ${size} bytes; at most ${mostBytes} can be sent`)
    return (await readFile(path)).toString('base64')
  } catch (cause) {
    throw cause instanceof DuckMeshError ? cause : fault('cannot be read', cause)
  }
}

/** @throws DuckMeshError see `Buyer.stream`, and `STREAM_CUT` for an answer without an end */
async function readText(
  buyer: Buyer,
  image: string,
  options: BuyOptions,
): Promise<{ text: string; result: BuyerResult }> {
  const answer = buyer.stream({ api: 'ocr', image }, options)
  let text = ''
  let step = await answer.next()
  for (; !step.done; step = await answer.next())
    if (step.value.type === 'chunk') text += step.value.chunk.text
  const result = step.value
  if (result.finishReason === 'stop') return { text, result }
  const details = { streamIds: result.streamIds, costWei: String(result.costWei) }
  throw new DuckMeshError('STREAM_CUT', `The reading ended early: ${result.finishReason}.`, details)
}
