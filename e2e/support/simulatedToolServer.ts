import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

type Message = { role: string; content: string | null; tool_call_id?: string }
type Asked = { messages: Message[]; tools?: { function: { name: string } }[] }

const ARGUMENTS = '{"city":"Lisbon"}'

/**
 * A simulated OpenAI-compatible server, in the place of one with a model that calls tools. What it says is simulated, how
 * it says it is not: it streams a call of the first tool in pieces, and tells the result when it is given one.
 */
export async function startSimulatedToolServer() {
  const asked: Asked[] = []
  const server = createServer(async (incoming, response) => {
    const body = (await json(incoming)) as Asked
    asked.push(body)
    const result = body.messages.find(({ role }) => role === 'tool')
    const [tool] = body.tools ?? []
    const choices = result || !tool ? saying(result?.content ?? null) : calling(tool.function.name)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const choice of choices)
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`)
    response.end(
      `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 12, completion_tokens: choices.length - 1 } })}\n\ndata: [DONE]\n\n`,
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Bodies as they came. */
    asked,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const part = (delta: object, finish_reason: string | null = null) => ({ delta, finish_reason })

/** A call in three pieces, as servers stream them: who is called, then its arguments cut in the middle. */
const calling = (name: string) => [
  part({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: '' } }] }),
  part({ tool_calls: [{ index: 0, function: { arguments: ARGUMENTS.slice(0, 6) } }] }),
  part({ tool_calls: [{ index: 0, function: { arguments: ARGUMENTS.slice(6) } }] }),
  part({}, 'tool_calls'),
]

const saying = (result: string | null) => [
  part({ content: 'The weather: ' }),
  part({ content: result ?? 'nobody has told me' }),
  part({}, 'stop'),
]
