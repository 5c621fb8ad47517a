import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/** A wire that is listened to: hands every byte on and keeps a copy of both directions. */
export async function startTap(toPort: number) {
  const heard: Buffer[] = []
  const server = createServer((near) => {
    const far = connect(toPort, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes: Buffer) => heard.push(bytes))
      from.on('error', () => to.destroy())
      from.pipe(to)
      from.on('close', () => to.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => Buffer.concat(heard),
    stop: () => server.close(),
  }
}
