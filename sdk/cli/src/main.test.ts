import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseDuck } from '@duckmesh/protocol'
import { testModel } from '../../test/coordinatorInfo.ts'
import { json, startHttpStub } from '../../test/startHttpStub.ts'
import { startTestCoordinator, type TestCoordinator } from '../../test/startTestCoordinator.ts'
import { keyOf, startTestMesh, type TestMesh } from '../../test/startTestMesh.ts'

const BIN = fileURLToPath(new URL('bin.ts', import.meta.url))

type Ended = { code: number | null; stdout: string; stderr: string }

/** Runs the real binary in a folder, without any DuckMesh setting of this machine. */
function duckmesh(cwd: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: { PATH: process.env.PATH, ...env } })
  const ended: Ended = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (text) => {
    ended.stdout += text
  })
  child.stderr.on('data', (text) => {
    ended.stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...ended, code }))
  })
}

describe('duckmesh, the binary', () => {
  let mesh: TestMesh
  let coordinator: TestCoordinator
  /** A folder with a mesh file. */
  let folder: string
  /** A folder without. */
  let nowhere: string

  before(async () => {
    mesh = await startTestMesh(3)
    coordinator = await startTestCoordinator(mesh)
    const { handlers } = coordinator
    handlers['GET /health'] = json({ status: 'ok' })
    handlers['GET /ready'] = json({ status: 'ready' })
    handlers['GET /v1/providers'] = json({
      providers: mesh.providers.map(({ providerId, owner, signer }) => ({
        providerId,
        owner: owner.address,
        signingKey: signer.address,
        stakedWei: parseDuck('1000'),
        lockedWei: 0n,
        isActive: true,
        isOnline: true,
        lastSeenAtMs: 1,
        endpoint: null,
        policies: [testModel.policy],
        capacity: 2,
        activeJobs: 0,
        offers: [],
        sealKey: null,
      })),
    })
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-cli-'))
    nowhere = await mkdtemp(join(tmpdir(), 'duckmesh-cli-'))
    await writeMeshFile({})
  })
  after(async () => {
    await coordinator.stop()
    await mesh.stop()
    await Promise.all([folder, nowhere].map((path) => rm(path, { recursive: true })))
  })

  const writeMeshFile = async (changes: Record<string, unknown>, at = folder) => {
    await mkdir(join(at, '.duckmesh'), { recursive: true })
    const file = {
      chainId: 31_337,
      rpcUrl: mesh.rpcUrl,
      coordinatorUrl: coordinator.url,
      mesh: mesh.mesh,
      token: mesh.token,
      buyerPrivateKey: keyOf('buyer'),
      providers: [],
      ...changes,
    }
    await writeFile(join(at, '.duckmesh', 'mesh.json'), JSON.stringify(file))
  }
  /** Runs with `--json` and parses stdout, which must be one document. */
  const document = async (args: string[], env?: Record<string, string>, cwd = folder) => {
    const { code, stdout, stderr } = await duckmesh(cwd, [...args, '--json'], env)
    assert.equal(stderr, '')
    return { code, value: JSON.parse(stdout) }
  }

  it('default: balance, deposit, run, job and verify work with the mesh file alone', async () => {
    const before = await document(['balance'])
    assert.deepEqual([before.code, before.value.account], [0, mesh.buyer.address])
    const deposited = await document(['deposit', '20.5'])
    assert.equal(BigInt(deposited.value.freeWei) - BigInt(before.value.freeWei), parseDuck('20.5'))

    const run = await document([
      'run',
      'Once upon a time',
      '--max-tokens',
      '8',
      '--price',
      '6',
      '--bond',
      '9',
    ])
    assert.equal(run.code, 0)
    assert.deepEqual([run.value.text, run.value.verified], [' a duck went out.', true])
    assert.equal(run.value.outcome.paid.length, 3)

    const { jobId } = run.value
    const job = await document(['job', jobId])
    assert.deepEqual([job.code, job.value.state], [0, 'settled'])
    assert.equal(job.value.order.bondWei, parseDuck('9').toString())
    const audit = await document(['verify', jobId])
    assert.deepEqual([audit.code, audit.value.ok], [0, true])
    assert.ok(audit.value.checks.length >= 10)
  })

  it('default: people get aligned lines without colours when nobody watches', async () => {
    const { code, stdout } = await duckmesh(folder, ['providers'])
    assert.equal(code, 0)
    assert.match(stdout, /^id {2}online {2}active {2}stake {2}locked {2}jobs {2}models {5}endpoint\n1 {3}yes/)
    assert.ok(!stdout.includes('\x1b'))
  })

  it('behavior: withdraw sends to somebody else', async () => {
    const to = mesh.providers[0]!.owner.address
    await document(['deposit', '2'])
    const { code, value } = await document(['withdraw', '1.5', '--to', to])
    assert.deepEqual([code, value.amountWei], [0, parseDuck('1.5').toString()])
  })

  it('error: verify and run exit with 1 when a check fails', async () => {
    const run = await document(['run', 'Once upon a time'])
    const { jobId } = run.value
    coordinator.jobs.get(jobId)!.status.outcome!.refundedWei += 1n
    const audit = await document(['verify', jobId])
    assert.deepEqual([audit.code, audit.value.ok], [1, false])
    const failed = audit.value.checks.filter((check: { ok: boolean }) => !check.ok)
    assert.deepEqual(
      failed.map((check: { name: string }) => check.name),
      ['outcome'],
    )
    const words = await duckmesh(folder, ['verify', jobId])
    assert.equal(words.code, 1)
    assert.match(words.stdout, /FAILED {2}outcome/)

    // the answer is changed between the coordinator and the buyer
    const submit = coordinator.handlers['POST /v1/jobs']!
    coordinator.handlers['POST /v1/jobs'] = async (response, request, body) => {
      await submit(response, request, body)
      ;[...coordinator.jobs.values()].at(-1)!.answer.result.text = ' a goose went out.'
    }
    const fooled = await document(['run', 'Once upon a time'])
    coordinator.handlers['POST /v1/jobs'] = submit
    assert.deepEqual([fooled.code, fooled.value.error.code], [1, 'RECEIPT_UNVERIFIED'])
  })

  it('behavior: a run that was ordered is kept, and the same run id is not paid again', async () => {
    const first = await document(['run', 'Once upon a time', '--run-id', 'my-run'])
    const kept = join(folder, '.duckmesh', 'runs', 'my-run.json')
    assert.equal((await stat(kept)).mode & 0o777, 0o600)
    assert.equal(JSON.parse(await readFile(kept, 'utf8')).attempts[0].job.jobId, first.value.jobId)
    const before = await document(['balance'])
    const again = await document(['run', 'Once upon a time', '--run-id', 'my-run'])
    assert.deepEqual([again.code, again.value.jobId], [0, first.value.jobId])
    assert.equal((await document(['balance'])).value.freeWei, before.value.freeWei)
    const outside = await document(['run', 'x', '--run-id', '../outside'])
    assert.deepEqual([outside.code, outside.value.error.code], [2, 'BAD_REQUEST'])
  })

  it('error: who did not take an order is a table with reason and remedy, and why[] in the document', async () => {
    const submit = coordinator.handlers['POST /v1/jobs']!
    const skipped = [
      { providerId: 1, reason: 'OFFLINE', fix: 'start it' },
      { providerId: 12, reason: 'PRICE_TOO_LOW', fix: 'raise priceWei' },
    ]
    const error = {
      code: 'NO_PROVIDERS',
      message: 'Only 1 of the 3 seats can be filled.',
      details: { skipped },
    }
    coordinator.handlers['POST /v1/jobs'] = json({ error }, 503)
    const args = ['run', 'Once', '--timeout', '2']
    const [text, { code, value }] = await Promise.all([duckmesh(folder, args), document(args)])
    coordinator.handlers['POST /v1/jobs'] = submit
    assert.deepEqual([text.code, code, value.error.code], [1, 1, 'NO_PROVIDERS'])
    assert.deepEqual(value.error.details.why, skipped)
    assert.ok(value.error.details.attempts.length > 0)
    assert.match(
      text.stderr,
      /provider 1 {3}OFFLINE {8}start it\n +provider 12 {2}PRICE_TOO_LOW {2}raise priceWei/,
    )
    assert.match(text.stderr, /--run-id [0-9a-f-]{36} goes on/)
  })

  it('error: an unknown job exits with 1', async () => {
    const { code, value } = await document(['job', `0x${'33'.repeat(32)}`])
    assert.deepEqual([code, value.error.code], [1, 'JOB_NOT_FOUND'])
  })

  it('default: doctor finds everything in order', async () => {
    await document(['deposit', '1'])
    const { code, value } = await document(['doctor'])
    assert.deepEqual(
      value.checks.map((check: { name: string; status: string }) => `${check.name} ${check.status}`),
      [
        'node-version ok',
        'settings ok',
        'rpc ok',
        'coordinator-health ok',
        'coordinator-ready ok',
        'coordinator-info ok',
        'chain-id ok',
        'contracts ok',
        'clocks ok',
        'balance ok',
        'providers ok',
      ],
    )
    assert.equal(code, 0)
  })

  it('error: doctor names what is wrong and how to mend it, and exits with 1', async () => {
    const broken = await startHttpStub({ 'GET /health': json({}), 'GET /ready': json({}, 503) })
    const { code, value } = await document([
      'doctor',
      '--coordinator',
      broken.url,
      '--rpc',
      'http://127.0.0.1:1',
    ])
    await broken.stop()
    assert.equal(code, 1)
    const byName = new Map<string, { status: string; fix: string | null }>(
      value.checks.map((check: { name: string }) => [check.name, check]),
    )
    for (const name of ['rpc', 'coordinator-ready', 'coordinator-info']) {
      assert.equal(byName.get(name)?.status, 'failed', name)
      assert.ok(byName.get(name)?.fix, name)
    }
    assert.equal(byName.get('contracts')?.status, 'skipped')
  })

  const wrong: [string, string[]][] = [
    ['an unknown command', ['quack']],
    ['an unknown option', ['providers', '--quack']],
    ['a missing argument', ['run']],
    ['an amount that is not one', ['deposit', 'many']],
    ['a job id that is not one', ['verify', '0x12']],
    ['seats that are not a number', ['run', 'x', '--seats', 'three']],
    ['an empty prompt', ['run', '']],
    ['a way of checking that is none', ['gateway', '--verify', 'trust']],
    ['a budget that is none', ['gateway', '--budget', 'lots']],
  ]
  for (const [what, args] of wrong) {
    it(`error: ${what} exits with 2, as text and as JSON`, async () => {
      const [text, { code, value }] = await Promise.all([duckmesh(folder, args), document(args)])
      assert.equal(text.code, 2)
      assert.equal(text.stdout, '')
      assert.match(text.stderr, /error/)
      assert.deepEqual([code, value.error.code], [2, 'BAD_REQUEST'])
    })
  }

  it('error: no mesh anywhere exits with 2 and MESH_NOT_FOUND; so does up outside of a checkout', async () => {
    for (const args of [['providers'], ['up', '--once']]) {
      const { code, value } = await document(args, {}, nowhere)
      assert.deepEqual([code, value.error.code], [2, 'MESH_NOT_FOUND'])
    }
  })

  it('error: a mesh that is not running exits with 3', async () => {
    const gone = await startHttpStub()
    await gone.stop()
    const { code, value } = await document(['providers', '--coordinator', gone.url])
    assert.deepEqual([code, value.error.code], [3, 'SERVICE_UNAVAILABLE'])
    assert.equal(value.error.details.url, `${gone.url}/v1/coordinator`)
  })

  it('error: a malformed key exits with 2 and is not repeated anywhere', async () => {
    const { code, value } = await document(['balance'], { DUCKMESH_PRIVATE_KEY: '0xsecretduck' })
    assert.deepEqual([code, value.error.code], [2, 'BAD_CONFIG'])
    assert.ok(!JSON.stringify(value).includes('secretduck'))
  })

  it('behavior: the environment goes before the mesh file, a key file before the environment', async () => {
    const env = { DUCKMESH_PRIVATE_KEY: keyOf('somebody') }
    const [fromFile, fromEnv] = await Promise.all([document(['balance']), document(['balance'], env)])
    assert.notEqual(fromFile.value.account, fromEnv.value.account)
    const path = join(nowhere, 'key')
    await writeFile(path, `${keyOf('buyer')}\n`)
    const fromKeyFile = await document(['balance', '--key-file', path], env)
    assert.equal(fromKeyFile.value.account, mesh.buyer.address)
  })

  it('behavior: the development key of a mesh file is not used for another chain', async () => {
    const other = await mkdtemp(join(tmpdir(), 'duckmesh-cli-'))
    await writeMeshFile({ chainId: 1 }, other)
    const { code, value } = await document(['balance'], {}, other)
    await rm(other, { recursive: true })
    assert.deepEqual([code, value.error.code], [2, 'BAD_CONFIG'])
  })

  it('error: a mesh file that is not one exits with 2 and names the field', async () => {
    const other = await mkdtemp(join(tmpdir(), 'duckmesh-cli-'))
    await writeMeshFile({ mesh: 'pond' }, other)
    const { code, value } = await document(['balance'], {}, other)
    await rm(other, { recursive: true })
    assert.deepEqual([code, value.error.details.field], [2, 'mesh'])
  })

  it('default: up runs the tour of the checkout with its flags and gives its exit code', async () => {
    const checkout = await mkdtemp(join(tmpdir(), 'duckmesh-cli-'))
    await mkdir(join(checkout, 'scripts', 'deep'), { recursive: true })
    await writeFile(join(checkout, 'package.json'), JSON.stringify({ name: 'duckmesh' }, null, 2))
    const tour = 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7'
    await writeFile(join(checkout, 'scripts', 'tour.ts'), tour)
    const { code, stdout } = await duckmesh(join(checkout, 'scripts', 'deep'), ['up', '--once', '--json'])
    await rm(checkout, { recursive: true })
    assert.deepEqual([code, JSON.parse(stdout)], [7, ['--once', '--json']])
  })
})
