import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A wire to a service on this machine that a test can cut and mend. */
export async function startSwitch(targetUrl: string) {
  const { port: targetPort } = new URL(targetUrl)
  const open = new Set<Socket>()
  let server: Server | undefined
  let port = 0
  async function mend(): Promise<void> {
    server = createServer((near) => {
      const far = connect(Number(targetPort), '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        open.add(from)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          open.delete(from)
          to.destroy()
        })
        from.pipe(to)
      }
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  await mend()
  return {
    url: `http://127.0.0.1:${port}`,
    mend,
    cut: async (): Promise<void> => {
      if (!server?.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
