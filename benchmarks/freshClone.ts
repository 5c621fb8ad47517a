import { execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Bench, bars } from './bench.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** `npm start` from an empty clone with an empty npm cache, then a second time. */
export const freshClone: Bench = {
  about:
    'git clone, empty npm cache, npm start -- --once: time to the end of the tour; then the first answer of a second start',
  run: async (say) => {
    const folder = await mkdtemp(join(tmpdir(), 'duckmesh-clone-'))
    try {
      const clone = join(folder, 'duckmesh')
      execFileSync('git', ['clone', '--quiet', root, clone])
      // as on a machine that has never seen this repository: no cache, and none of this checkout's programs on the path
      const path = (process.env.PATH ?? '').split(':').filter((part) => !part.includes('node_modules'))
      const env = { ...process.env, PATH: path.join(':'), npm_config_cache: join(folder, 'cache') }
      const startedMs = Date.now()
      const first = await tour(clone, env)
      const firstStartMs = Date.now() - startedMs
      say(`first start: ${firstStartMs} ms`)
      const second = await tour(clone, env)
      say(`second start, first answer: ${second.firstAnswerMs} ms`)
      const figures = {
        firstStartMs,
        firstSetUpMs: first.setUpMs,
        secondFirstAnswerMs: second.firstAnswerMs,
        tourOk: Number(first.ok && second.ok),
      }
      const limits = { firstStartMs: '<=180000', secondFirstAnswerMs: '<=15000', tourOk: '>=1' }
      return { figures, bars: bars(figures, limits) }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

type Summary = { ok: boolean; setUpMs: number; firstAnswerMs: number }

async function tour(cwd: string, env: NodeJS.ProcessEnv): Promise<Summary> {
  const child = spawn('npm', ['start', '--', '--once', '--json'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8')
  })
  await new Promise((resolve) => child.on('close', resolve))
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Summary
}
