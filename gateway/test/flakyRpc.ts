import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A way to the chain that can fail. */
export type FlakyRpc = {
  url: string
  /** Answers nothing at all. */
  isDown: boolean
  /** Transactions go through, and their answers are lost. */
  losesAnswers: boolean
  stop(): void
}

/** Puts a failing way in front of a real chain. */
export async function startFlakyRpc(rpcUrl: string): Promise<FlakyRpc> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    if (rpc.isDown) return void response.destroy()
    const answer = await fetch(rpcUrl, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    const text = await answer.text()
    if (rpc.losesAnswers && body.includes('eth_sendRawTransaction')) return void response.destroy()
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const rpc: FlakyRpc = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isDown: false,
    losesAnswers: false,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return rpc
}
