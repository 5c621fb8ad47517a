import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'

const logger = JSON.stringify(new URL('logger.ts', import.meta.url).href)
const protocol = JSON.stringify(import.meta.resolve('@duckmesh/protocol'))

/** What a process that runs these lines writes to stdout. */
async function logged(lines: string): Promise<string> {
  const script = `import { createLogger } from ${logger}
    import { DuckMeshError } from ${protocol}
    const log = createLogger('info')
    ${lines}`
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
  return (await promisify(execFile)(process.execPath, flags)).stdout
}

describe('createLogger', () => {
  test('writes JSON lines and takes secrets out, also inside objects', async () => {
    const text = await logged(`log.info({ OWNER_PRIVATE_KEY: 'hush', config: { OPENAI_API_KEY: 'hush',
      deep: { SIGNING_PRIVATE_KEY: 'hush', authorization: 'hush', salt: 'hush' } }, port: 1 }, 'up')`)
    const line = JSON.parse(text) as Record<string, unknown>
    assert.deepEqual([line.msg, line.port], ['up', 1])
    assert.ok(!text.includes('hush'), text)
  })

  test('writes code, message and details of an error, and not what caused it', async () => {
    const text = await logged(`const cause = new Error('http://user:hush@rpc')
      log.warn({ err: new DuckMeshError('CHAIN_UNAVAILABLE', 'away', { action: 'jobOf' }, { cause }) }, 'x')`)
    const { err } = JSON.parse(text) as { err: object }
    assert.deepEqual(err, { code: 'CHAIN_UNAVAILABLE', message: 'away', details: { action: 'jobOf' } })
  })
})
