import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startMesh } from '@duckmesh/infrastructure/mesh'
import { readyOnMessage, type Service, startService } from '@duckmesh/local-chain'
import { parseDuck } from '@duckmesh/protocol'
import { DuckMeshClient } from '@duckmesh/sdk'
import autocannon from 'autocannon'
import { privateKeyToAccount } from 'viem/accounts'
import { type Bench, bars, percentile } from './bench.ts'
import { readStream, type Streamed } from './gateway/readStream.ts'

const MODEL = 'stories15m'
const TOKENS = 64
/** Streams at once, and how many rounds of each; direct and through the mesh take turns. */
const LOADS: [streams: number, rounds: number][] = [
  [1, 40],
  [8, 8],
  [32, 4],
]
const CEILING_SECONDS = 5
const CEILING_CONNECTIONS = 50

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** What the gateway and the lane add to an engine, and how much the surface carries by itself. */
export const gateway: Bench = {
  about: `Streamed completions (${TOKENS} tokens, ${MODEL}): client → gateway → provider against client → the same engine; peer of the ceiling: http-proxy before a bare server`,
  run: async (say) => {
    const folder = await mkdtemp(join(tmpdir(), 'duckmesh-gateway-bench-'))
    const services: Service[] = []
    const start = async (
      path: string,
      args: string[],
      env: Record<string, string>,
      message = 'listening',
    ) => {
      const service = await startService({
        name: path.replaceAll(/\W/g, '-'),
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', program(path), ...args],
        env,
        logFile: join(folder, 'bench.log'),
        readyWhen: readyOnMessage(message),
        readyTimeoutMs: 60_000,
      })
      services.push(service)
      return service
    }
    const mesh = await startMesh({
      stateDir: folder,
      providers: [{ name: 'a', kind: 'honest' }],
      env: { STREAM_PER_CHANNEL: '128', STREAM_WAITING: '128', STREAM_TOKEN_DUCK: '0.000001' },
    })
    try {
      const { rpcUrl, coordinatorUrl, buyerPrivateKey } = mesh.info
      const account = privateKeyToAccount(buyerPrivateKey)
      const client = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account })
      await client.deposit(parseDuck('100'))
      const key = `0x${'11'.repeat(32)}`
      const direct = await start('gateway/directEngine.ts', [], {
        RPC_URL: rpcUrl,
        COORDINATOR_URL: coordinatorUrl,
        MESH_ADDRESS: mesh.info.mesh,
        OWNER_PRIVATE_KEY: key,
        SIGNING_PRIVATE_KEY: key,
        DATA_DIR: folder,
        MODEL,
      })
      const bought = await start('gateway/localGateway.ts', [], { DUCKMESH_STATE_DIR: folder })
      const figures = {
        ...(await compareStreams(urlOf(direct), urlOf(bought, '/v1'), say)),
        ...(await compareCeilings(
          urlOf(await start('gateway/stubGateway.ts', [], {}), '/v1'),
          urlOf(await start('gateway/proxiedEngine.ts', [], {})),
          say,
        )),
      }
      const limits = { addedFirstP50Ms1: '<=5', addedFirstP99Ms1: '<=25', tokenRateRatio1: '>=0.97' }
      return { figures, bars: bars(figures, limits) }
    } finally {
      await Promise.all(services.map((service) => service.stop()))
      await mesh.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

const urlOf = ({ ready }: Service, path = ''): string => `http://127.0.0.1:${ready.port}${path}/completions`

async function compareStreams(direct: string, mesh: string, say: (text: string) => void) {
  const figures: Record<string, number> = {}
  let story = 0
  for (const [streams, rounds] of LOADS) {
    const seen: Record<'direct' | 'mesh', { streamed: Streamed[]; tookMs: number }> = {
      direct: { streamed: [], tookMs: 0 },
      mesh: { streamed: [], tookMs: 0 },
    }
    // the first round of each opens the channel and warms the caches; it is not counted
    for (let round = -1; round < rounds; round++) {
      for (const [side, url] of [
        ['direct', direct],
        ['mesh', mesh],
      ] as const) {
        const startedMs = performance.now()
        const streamed = await Promise.all(
          Array.from({ length: streams }, () =>
            readStream(url, MODEL, `Story ${story++}: Once upon a time`, TOKENS),
          ),
        )
        if (round < 0) continue
        seen[side].streamed.push(...streamed)
        seen[side].tookMs += performance.now() - startedMs
      }
    }
    const first = (side: 'direct' | 'mesh', share: number) =>
      percentile(
        seen[side].streamed.map(({ firstMs }) => firstMs),
        share,
      )
    const rate = (side: 'direct' | 'mesh') =>
      (1_000 * seen[side].streamed.reduce((sum, { tokens }) => sum + tokens, 0)) / seen[side].tookMs
    const round1 = (value: number) => Number(value.toFixed(1))
    figures[`directFirstP50Ms${streams}`] = round1(first('direct', 0.5))
    figures[`meshFirstP50Ms${streams}`] = round1(first('mesh', 0.5))
    figures[`addedFirstP50Ms${streams}`] = round1(first('mesh', 0.5) - first('direct', 0.5))
    figures[`addedFirstP99Ms${streams}`] = round1(first('mesh', 0.99) - first('direct', 0.99))
    figures[`directTokensPerSecond${streams}`] = Math.round(rate('direct'))
    figures[`meshTokensPerSecond${streams}`] = Math.round(rate('mesh'))
    figures[`tokenRateRatio${streams}`] = Number((rate('mesh') / rate('direct')).toFixed(3))
    const own = Object.entries(figures).filter(
      ([name]) => name.endsWith(`Ms${streams}`) || name.endsWith(`o${streams}`),
    )
    say(`${streams} streams: ${own.map(([name, value]) => `${name} ${value}`).join(', ')}`)
  }
  return figures
}

async function compareCeilings(stub: string, proxied: string, say: (text: string) => void) {
  const measure = async (url: string, stream: boolean) => {
    const { requests, non2xx, errors } = await autocannon({
      url,
      method: 'POST',
      connections: CEILING_CONNECTIONS,
      duration: CEILING_SECONDS,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'stub', prompt: 'Once', stream }),
    })
    if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} refused, ${errors} failed`)
    return Math.round(requests.average)
  }
  const figures = {
    gatewayRequestsPerSecond: await measure(stub, false),
    proxyRequestsPerSecond: await measure(proxied, false),
    gatewayStreamsPerSecond: await measure(stub, true),
    proxyStreamsPerSecond: await measure(proxied, true),
  }
  say(JSON.stringify(figures))
  return figures
}
