// The engine of a node behind the least server that speaks the completion API: what the mesh is compared with.
import { randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { createExecutor, parseConfig } from '@duckmesh/provider-node'

const executor = await createExecutor(parseConfig(process.env))
const { generator } = executor
if (!generator) throw new Error('this engine does not stream')

/** As many at once as the engine has slots; the others wait their turn, as they do in a node. */
const waiting: (() => void)[] = []
let free = generator.slots
const takeSlot = () => (free-- > 0 ? undefined : new Promise<void>((resolve) => waiting.push(resolve)))
const giveSlot = () => {
  free++
  waiting.shift()?.()
}

const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const { prompt, max_tokens: maxTokens } = JSON.parse(Buffer.concat(parts).toString('utf8'))
  const sampling = {
    temperature: 0,
    topP: 1,
    seed: randomInt(1_000),
    stop: [],
    topLogprobs: 0,
    continueFrom: [],
  }
  await takeSlot()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const steps = generator.generate(
    { api: 'completion', prompt, maxTokens, ...sampling },
    new AbortController().signal,
  )
  let tokens = 0
  for await (const step of steps) {
    if (step.type !== 'piece') continue
    tokens += step.piece.tokens.length
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, text: step.piece.text }] })}\n\n`)
  }
  response.write(`data: ${JSON.stringify({ choices: [], usage: { completion_tokens: tokens } })}\n\n`)
  giveSlot()
  response.end('data: [DONE]\n\n')
})
// clients keep their connections between rounds
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ msg: 'listening', port: (server.address() as AddressInfo).port }))
})
