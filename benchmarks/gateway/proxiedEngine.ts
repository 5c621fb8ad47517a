// The same simulated answer from a bare server behind a plain reverse proxy (http-proxy): the peer of `stubGateway.ts`.
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import httpProxy from 'http-proxy'
import { answerChunks } from './stubAnswer.ts'

const whole = answerChunks.map(({ text }) => text).join('')

const engine = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const { stream } = JSON.parse(Buffer.concat(parts).toString('utf8'))
  if (!stream) {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ choices: [{ index: 0, text: whole, finish_reason: 'length' }] }))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const { text } of answerChunks)
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, text }] })}\n\n`)
  response.end('data: [DONE]\n\n')
}).listen(0, '127.0.0.1', () => {
  const { port } = engine.address() as AddressInfo
  const proxy = httpProxy.createProxyServer({
    target: `http://127.0.0.1:${port}`,
    agent: new Agent({ keepAlive: true }),
  })
  const server = createServer((request, response) => proxy.web(request, response))
  server.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ msg: 'listening', port: (server.address() as AddressInfo).port }))
  })
})
