// The command as people run it: a process, its exit codes, its files, and a kill in the middle.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { after, before, describe, test } from 'node:test'
import { deployerKey, startTestChain, type TestChain } from './startTestChain.ts'

const bin = join(import.meta.dirname, '../bin.ts')

describe('npm run deploy', () => {
  let world: TestChain
  before(async () => {
    world = await startTestChain()
  })
  after(() => world.stop())

  const start = (args: string[], env: Record<string, string | undefined> = {}) => {
    const settings = {
      PATH: process.env.PATH,
      RPC_URL: world.rpcUrl,
      DEPLOYER_PRIVATE_KEY: deployerKey,
      ...env,
    }
    return spawn(process.execPath, [bin, ...args, '--state-dir', world.folder], { env: settings })
  }
  const run = async (args: string[], env: Record<string, string | undefined> = {}) => {
    const child = start(args, env)
    const out = { code: 0, stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => (out.stdout += chunk))
    child.stderr.on('data', (chunk) => (out.stderr += chunk))
    const [code] = await once(child, 'close')
    assert.ok(!`${out.stdout}${out.stderr}`.includes(deployerKey.slice(2)), 'the key is in the output')
    return { ...out, code }
  }
  const recordFile = () => join(world.folder, 'deployments', '31337.json')
  const nonce = () => world.chain.reader.getTransactionCount({ address: world.chain.account.address })

  test('explains itself', async () => {
    const { code, stdout } = await run(['--help'])
    assert.equal(code, 0)
    assert.match(stdout, /--dry-run/)
  })

  const wrong: [string, string[], Record<string, string | undefined>, RegExp][] = [
    ['without a network', [], {}, /<network>/],
    ['with an unknown option', ['local', '--force'], {}, /--force/],
    ['with an unknown network', ['mainnet'], {}, /no network "mainnet"/],
    ['without the RPC URL', ['local'], { RPC_URL: undefined }, /RPC_URL/],
    ['without a key', ['local'], { DEPLOYER_PRIVATE_KEY: undefined }, /DEPLOYER_PRIVATE_KEY/],
    ['with half a key', ['local'], { DEPLOYER_PRIVATE_KEY: deployerKey.slice(0, 40) }, /not a 32-byte key/],
  ]
  for (const [what, args, env, pattern] of wrong) {
    test(`${what} ends with 2 and says so`, async () => {
      const { code, stderr } = await run(args, env)
      assert.equal(code, 2)
      assert.match(stderr, pattern)
    })
  }

  test('on a chain that does not answer ends with 1', async () => {
    const { code, stderr } = await run(['local'], { RPC_URL: 'http://127.0.0.1:1' })
    assert.equal(code, 1)
    assert.match(stderr, /did not answer/)
  })

  test('has nothing to examine before it has deployed', async () => {
    const { code, stderr } = await run(['local', '--doctor'])
    assert.equal(code, 2)
    assert.match(stderr, /Nothing is recorded/)
  })

  test('--dry-run sends nothing and records nothing', async () => {
    const { code, stdout } = await run(['local', '--dry-run', '--json'])
    assert.equal(code, 0)
    assert.equal(Object.keys(JSON.parse(stdout).modules).length, 25)
    assert.equal(await nonce(), 0)
    await assert.rejects(readFile(recordFile()))
  })

  test('is killed in the middle, and the next run finishes it', async () => {
    const child = start(['local'])
    const reached = Promise.withResolvers<void>()
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('DuckMeshAccounts')) reached.resolve()
    })
    await reached.promise
    child.kill('SIGKILL')
    await once(child, 'close')
    const sent = await nonce()
    assert.ok(sent >= 4 && sent < 29, String(sent))

    const { code, stdout } = await run(['local', '--json'])
    assert.equal(code, 0)
    const summary = JSON.parse(stdout)
    const sentBefore = 29 - summary.transactions
    assert.ok(sentBefore >= sent, 'nothing was sent twice')
    assert.equal(await nonce(), 29)
    const record = JSON.parse(await readFile(recordFile(), 'utf8'))
    assert.deepEqual(record.modules, summary.modules)
    assert.equal(record.network, 'local')
  })

  test('a second time sends nothing', async () => {
    const { code, stdout } = await run(['local'])
    assert.equal(code, 0)
    assert.match(stdout, /0 transactions, 0 gas/)
    assert.equal(await nonce(), 29)
  })

  test('--doctor finds all well', async () => {
    const { code, stdout } = await run(['local', '--doctor'])
    assert.equal(code, 0)
    assert.match(stdout, /All 25 contracts/)
  })

  test('refuses other addresses than those recorded, and names the modules', async () => {
    const text = await readFile(recordFile(), 'utf8')
    const record = JSON.parse(text)
    record.modules.MeshLens = record.modules.DuckToken
    await writeFile(recordFile(), JSON.stringify(record))
    try {
      const { code, stdout } = await run(['local', '--json'])
      assert.equal(code, 3)
      const { error } = JSON.parse(stdout)
      assert.equal(error.code, 'DEPLOYMENT_DIFFERS')
      assert.deepEqual(
        error.details.faults.map(({ module }: { module: string }) => module),
        ['MeshLens'],
      )
      assert.equal(await nonce(), 29)
    } finally {
      await writeFile(recordFile(), text)
    }
  })

  test('with another deployer finds another deployment in the way', async () => {
    const other = `0x${'1'.repeat(64)}`
    const { code } = await run(['local'], { DEPLOYER_PRIVATE_KEY: other })
    assert.equal(code, 3)
  })
})
