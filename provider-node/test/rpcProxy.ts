import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A wire between a node and its chain that a test can cut and mend. */
export type RpcProxy = {
  url: string
  /** Breaks what is open and refuses what comes. */
  cut(): void
  mend(): void
  stop(): Promise<void>
}

/** @param rpcUrl the chain behind it */
export async function startRpcProxy(rpcUrl: string): Promise<RpcProxy> {
  const { hostname, port } = new URL(rpcUrl)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    const chain = connect(Number(port), hostname)
    for (const [socket, other] of [
      [client, chain],
      [chain, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.once('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true
      breakAll()
    },
    mend: () => {
      isCut = false
    },
    stop: async () => {
      breakAll()
      server.close()
      await once(server, 'close')
    },
  }
}
