// Proofs of execution, audit and service level on a real mesh: collected, anchored, fetched and checked; and a coordinator
// that dies, or that serves something else.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { after, afterEach, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { EvidenceStage } from '@duckmesh/coordinator'
import { connectChannelChain, createBuyer, httpDirectory, httpEvidence, systemClock } from '@duckmesh/gateway'
import { openReference } from '@duckmesh/gateway/reference'
import { openSqlitePurseStore } from '@duckmesh/gateway/sqlite'
import { DuckMeshError, type EvidenceOfJob, type StreamRequest, stringifyWire } from '@duckmesh/protocol'
import { DuckMeshClient, type VerifiedEvidence } from '@duckmesh/sdk'
import type { Address, Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { armCrash } from './crash/crashPoint.ts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './support/bringUp.ts'
import { orderJob, sendJob } from './support/redundantJob.ts'
import { until } from './support/until.ts'

const BIN = fileURLToPath(new URL('../sdk/cli/src/bin.ts', import.meta.url))

let mesh: TestMesh
let client: DuckMeshClient
const connect = (coordinatorUrl = mesh.info.coordinatorUrl, evidenceAnchors = anchors()) =>
  DuckMeshClient.connect({ coordinatorUrl, rpcUrl: mesh.info.rpcUrl, evidenceAnchors })
const anchors = () => mesh.info.modules.EvidenceAnchors as Address

before(async () => {
  const env = { EVIDENCE_PERIOD_MS: '1500', SLA_LOOK_MS: '100' }
  mesh = await bringUp({
    providers: honestProviders(3),
    programs: { coordinator: crashPrograms.coordinator },
    env,
    model: 'stories15m',
  })
  client = await connect()
})
afterEach((context) => mesh?.note(context))
after(() => mesh?.end())

/** Runs a job to its end. */
async function runJob(): Promise<Hex> {
  const job = await orderJob(mesh)
  await sendJob(mesh, job)
  await mesh.client.waitForResult(job.jobId)
  return job.jobId
}

/** Waits until so many pieces of evidence of a job hold. */
const held = (jobId: Hex, count: number): Promise<VerifiedEvidence> =>
  until(
    `${count} pieces of evidence of ${jobId} hold`,
    async () => {
      const found = await client.evidence.get(jobId).catch((thrown) => {
        const error = DuckMeshError.from(thrown)
        assert.ok(error.code === 'NOT_FOUND' || error.retryable, `${error.code}: ${error.message}`)
        return undefined
      })
      return found?.ok && found.evidence.length === count ? found : undefined
    },
    60_000,
  )

/** Runs the command of the product beside the mesh. */
function duckmesh(...args: string[]): Promise<{ code: number; stdout: string }> {
  const env = { PATH: process.env.PATH, DUCKMESH_STATE_DIR: mesh.stateDir }
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { env, cwd: mesh.stateDir }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout: stdout + stderr })
    })
  })
}

/** A coordinator between client and mesh that changes what it says of evidence. */
async function startLiar(
  change: (answer: EvidenceOfJob) => unknown,
): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const answer = await fetch(`${mesh.info.coordinatorUrl}${request.url}`)
    const told = await answer.json()
    const isEvidence = request.url?.startsWith('/v1/evidence/0x')
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(stringifyWire(isEvidence ? change(told as EvidenceOfJob) : told))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

describe('evidence of a mesh', () => {
  test('a job is proved executed by every paid seat, on the chain and by the command', async () => {
    const jobId = await runJob()
    const { evidence } = await held(jobId, 3)
    assert.deepEqual(new Set(evidence.map(({ item }) => item.kind)), new Set(['execution']))
    assert.ok(evidence.every(({ anchor }) => anchor && anchor.block > 0n))
    const shown = await duckmesh('evidence', jobId)
    assert.equal(shown.code, 0, shown.stdout)
    assert.match(shown.stdout, /3 of 3 pieces of evidence hold/)
    assert.match(shown.stdout, /does not prove: that the output is right/)
    const document = JSON.parse((await duckmesh('evidence', jobId, '--json')).stdout)
    assert.equal(document.ok, true)
  })

  test('the service of a provider is measured, anchored and recomputed', async () => {
    await runJob()
    const { providerId } = mesh.info.providers[0]!
    const sla = await until(
      'windows with answers and looks hold',
      async () => {
        const found = await client.evidence.sla(providerId)
        return found.figures.answers > 0 && found.figures.looks > 0 ? found : undefined
      },
      60_000,
    )
    assert.equal(sla.figures.errors, 0)
    assert.ok(sla.figures.p95Ms > 0 && sla.figures.uptimePpm > 900_000, stringifyWire(sla.figures))
    const shown = await duckmesh('sla', String(providerId))
    assert.equal(shown.code, 0, shown.stdout)
    assert.match(shown.stdout, /does not prove: that the samples are what happened/)
  })

  test('an answer in mode reference is proved audited', async () => {
    const { rpcUrl, coordinatorUrl, buyerPrivateKey, mesh: address } = mesh.info
    const account = privateKeyToAccount(buyerPrivateKey)
    const folder = join(mesh.stateDir, 'purse')
    const buyer = await createBuyer({
      chain: await connectChannelChain({ rpcUrl, mesh: address, account, clock: systemClock }),
      store: openSqlitePurseStore(folder, Date.now()),
      reference: { ...openReference(folder), publish: httpEvidence(coordinatorUrl) },
      directory: httpDirectory(coordinatorUrl),
      clock: systemClock,
    })
    const buy = async (providerId: number, mode: 'signed' | 'reference') => {
      const exclude = mesh.info.providers.flatMap((other) =>
        other.providerId === providerId ? [] : [other.providerId],
      )
      const answer = buyer.stream(request, { model: { name: 'stories15m' }, mode, exclude })
      for (;;) {
        const step = await answer.next()
        if (step.done) return step.value.streamIds[0]!
      }
    }
    try {
      await until('all stream', async () => (await buyer.models())[0]?.providers === 3)
      // a node replays for those who pay it
      for (const { providerId } of mesh.info.providers) await buy(providerId, 'signed')
      const audited = mesh.info.providers[0]!.providerId
      const { evidence } = await held(await buy(audited, 'reference'), 2)
      const [execution, audit] = evidence.map(({ item }) => item)
      assert.ok(execution?.kind === 'execution' && execution.receipt.providerId === audited)
      assert.ok(audit?.kind === 'audit' && audit.verdict.validatorId !== audited)
    } finally {
      await buyer.close()
    }
  })

  const stages: EvidenceStage[] = ['batch-sealed', 'batch-sending', 'batch-sent', 'batch-anchored']
  for (const stage of stages) {
    test(`a coordinator that is killed at ${stage} loses and doubles nothing`, async () => {
      const jobId = await runJob()
      await armCrash(mesh.dataDirOf('coordinator'), { stage })
      await until(`it died at ${stage}`, () => !mesh.services.get('coordinator')!.isAlive())
      await mesh.restart('coordinator')
      await held(jobId, 3)
      const { batches } = await client.evidence.batches()
      const sequences = batches.map(({ sequence }) => sequence)
      assert.deepEqual(
        sequences,
        sequences.map((_, index) => sequences[0]! - index),
        'no batch is missing or twice',
      )
    })
  }

  test('a coordinator that changes, swaps or invents evidence is caught', async () => {
    const [jobId, otherId] = [await runJob(), await runJob()]
    await held(jobId, 3)
    await held(otherId, 3)
    const other = await client.context.coordinator.evidence(otherId)
    const changed =
      (change: (item: EvidenceOfJob['items'][number]) => unknown) => (answer: EvidenceOfJob) => ({
        ...answer,
        items: answer.items.map((item, index) => (index === 0 ? change(item) : item)),
      })
    const lies: [string, (answer: EvidenceOfJob) => unknown, RegExp][] = [
      ['another job', () => ({ ...other, jobId }), /another job/],
      [
        'a changed receipt',
        changed(({ item, inclusion }) => ({
          item: item.kind === 'execution' && { ...item, receipt: { ...item.receipt, completionTokens: 1 } },
          inclusion,
        })),
        /signature/,
      ],
      [
        'the place of another leaf',
        changed(({ item }) => ({ item, inclusion: other.items[0]!.inclusion })),
        /no such leaf/,
      ],
      [
        'a root of its own',
        changed(({ item, inclusion }) => ({
          item,
          inclusion: inclusion && {
            ...inclusion,
            batch: { ...inclusion.batch, root: `0x${'11'.repeat(32)}` },
          },
        })),
        /does not lead to the root.*no such leaf/,
      ],
      [
        'another anchorer',
        changed(({ item, inclusion }) => ({
          item,
          inclusion: inclusion && { ...inclusion, anchorer: mesh.info.mesh },
        })),
        /anchored by/,
      ],
      ['a batch that waits', changed(({ item }) => ({ item, inclusion: null })), /waits for a batch/],
    ]
    for (const [what, change, problem] of lies) {
      const { url, server } = await startLiar(change)
      const { ok, evidence } = await (await connect(url)).evidence.get(jobId)
      server.close()
      assert.equal(ok, false, what)
      const found = evidence.flatMap(({ checks }) =>
        checks.flatMap((check) => (check.ok ? [] : [check.detail])),
      )
      assert.match(found.join(' | '), problem, what)
    }
  })

  test('nothing is checked by a contract that only the coordinator names', async () => {
    const { coordinatorUrl, rpcUrl } = mesh.info
    const blind = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl })
    await assert.rejects(blind.evidence.get(`0x${'11'.repeat(32)}`), { code: 'BAD_CONFIG' })
  })
})

const request: StreamRequest = {
  api: 'completion',
  prompt: 'Once upon a time a duck',
  maxTokens: 48,
  temperature: 0,
  topP: 1,
  seed: 7,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}
