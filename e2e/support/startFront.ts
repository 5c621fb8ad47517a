import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One address in front of several processes, as a load balancer gives. */
export type Front = { url: string; stop(): Promise<void> }

/**
 * Listens on a free port and hands each connection to the next of the ports, past those where nobody listens.
 * @param ports where the processes listen; may be filled later
 */
export async function startFront(ports: readonly number[]): Promise<Front> {
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }
  let turn = 0
  const handOver = (client: Socket, triesLeft: number): void => {
    const port = ports[turn++ % ports.length]
    if (port === undefined) return void client.destroy()
    const service = connect(port, '127.0.0.1')
    keep(service)
    let isConnected = false
    service.once('connect', () => {
      isConnected = true
      client.pipe(service).pipe(client)
      service.once('close', () => client.destroy())
    })
    service.on('error', () => {
      if (isConnected || triesLeft === 0) client.destroy()
      else handOver(client, triesLeft - 1)
    })
    client.once('close', () => service.destroy())
  }
  const server = createServer((client) => {
    keep(client)
    client.on('error', () => client.destroy())
    handOver(client, ports.length - 1)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
