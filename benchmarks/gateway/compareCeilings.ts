import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Service } from '@duckmesh/local-chain'
import autocannon from 'autocannon'
import { startProgram, urlOf } from './startProgram.ts'

const SECONDS = 5
const CONNECTIONS = 50

/** How many requests and streams a second the surface carries over a buyer that answers at once, beside a plain proxy. */
export async function compareCeilings(say: (text: string) => void): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-gateway-bench-'))
  const services: Service[] = []
  const start = async (name: string) => {
    const service = await startProgram(name, folder, {})
    services.push(service)
    return service
  }
  try {
    const stub = urlOf(await start('stubGateway.ts'), '/v1')
    const proxied = urlOf(await start('proxiedEngine.ts'))
    const figures = {
      gatewayRequestsPerSecond: await measure(stub, false),
      proxyRequestsPerSecond: await measure(proxied, false),
      gatewayStreamsPerSecond: await measure(stub, true),
      proxyStreamsPerSecond: await measure(proxied, true),
    }
    say(JSON.stringify(figures))
    return figures
  } finally {
    await Promise.all(services.map((service) => service.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(url: string, stream: boolean): Promise<number> {
  const { requests, non2xx, errors } = await autocannon({
    url,
    method: 'POST',
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'stub', prompt: 'Once', stream }),
  })
  if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} refused, ${errors} failed`)
  return Math.round(requests.average)
}
