import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Assignment,
  assignmentTypedData,
  authenticate,
  type CommitmentBody,
  DuckMeshError,
  hashCanonical,
  type InferenceRequest,
  type JobId,
  type OpeningBody,
  type Order,
  type RevealBody,
  stringifyWire,
  type Work,
} from '@duckmesh/protocol'
import { concat, type Hex, type LocalAccount, zeroHash } from 'viem'
import type { TestMesh } from './deployMesh.ts'

type Job = {
  order: Order
  orderSignature: Hex
  assignments: { assignment: Assignment; signature: Hex }[]
}

/** What the nodes sent, by kind. */
export type Received = {
  kind: 'announce' | 'progress' | 'commitments' | 'reveals' | 'openings' | 'decline'
  jobId: JobId
  body: Record<string, unknown>
}

/**
 * The coordinator's side of the node protocol over real HTTP, without a store or a will of its own: each test
 * decides what it says and when it goes to the chain.
 */
export class TestCoordinator {
  readonly account: LocalAccount
  readonly received: Received[] = []
  /** Set to refuse everything with this error. */
  failing: DuckMeshError | undefined
  readonly #mesh: TestMesh
  readonly #jobs = new Map<JobId, Job>()
  readonly #work = new Map<number, Work['items']>()
  readonly #stopping = new AbortController()
  #server: Server | undefined
  #port = 0

  constructor(mesh: TestMesh, account: LocalAccount) {
    this.#mesh = mesh
    this.account = account
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      try {
        if (this.failing) throw this.failing
        const answer = await this.#answer(request)
        response.writeHead(200, { 'content-type': 'application/json' }).end(stringifyWire(answer ?? {}))
      } catch (thrown) {
        const error = DuckMeshError.from(thrown)
        response.writeHead(error.status).end(JSON.stringify({ error: error.toWire() }))
      }
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Goes away; `start` brings it back under the same URL. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }

  /** Ends long polls for good. */
  async end(): Promise<void> {
    this.#stopping.abort()
    await this.stop()
  }

  /** Signs an assignment and hands the work to its seats. */
  async assign(
    job: { jobId: JobId; order: Order; orderSignature: Hex; request: InferenceRequest },
    seats: number[],
    fields: Partial<Assignment> = {},
  ): Promise<Assignment> {
    const { jobId, order, orderSignature, request } = job
    const issuedAt = Math.floor(Date.now() / 1_000)
    const drawn = { seed: hashCanonical(jobId), candidatesHash: hashCanonical(seats), issuedAt }
    const assignment: Assignment = { jobId, round: 0, seats, ...drawn, ...fields }
    const signature = await this.account.signTypedData(assignmentTypedData(this.#mesh.domain, assignment))
    const known = this.#jobs.get(jobId) ?? { order, orderSignature, assignments: [] }
    known.assignments.push({ assignment, signature })
    this.#jobs.set(jobId, known)
    const work = { type: 'run', jobId, order, orderSignature, request, assignment } as const
    for (const seat of seats) this.hand(seat, { ...work, assignmentSignature: signature })
    return assignment
  }

  /** Hands an item to one node. */
  hand(providerId: number, item: Work['items'][number]): void {
    this.#work.set(providerId, [...(this.#work.get(providerId) ?? []), item])
  }

  /** Commitments of the latest assignment, in seat order; zero for a seat that has not committed. */
  commitments(jobId: JobId): { seats: number[]; commitments: Hex[]; signatures: Hex[] } {
    const { seats, round } = this.#latest(jobId).assignment
    const bodies = seats.map((seat) => this.#bodyOf<CommitmentBody>('commitments', jobId, seat, round))
    return {
      seats,
      commitments: bodies.map((body) => body?.commitment ?? zeroHash),
      signatures: bodies.map((body) => body?.signature ?? zeroHash),
    }
  }

  /** Sends `anchorSeats`. */
  async anchor(jobId: JobId): Promise<void> {
    const { order, orderSignature } = this.#job(jobId)
    const { assignment, signature } = this.#latest(jobId)
    const { commitments, signatures } = this.commitments(jobId)
    const args = [order, orderSignature, assignment, signature, commitments, concat(signatures)]
    await this.#mesh.send(this.account, 'anchorSeats', args)
  }

  /** Asks the seats to reveal. */
  askReveal(jobId: JobId): void {
    const { round } = this.#latest(jobId).assignment
    const { seats, commitments, signatures } = this.commitments(jobId)
    for (const seat of seats)
      this.hand(seat, { type: 'reveal', jobId, round, seats, commitments, signatures })
  }

  /** Sends `settleSeats` with all reveals received. */
  async settle(jobId: JobId): Promise<void> {
    const { order, orderSignature } = this.#job(jobId)
    const { assignment, signature } = this.#latest(jobId)
    const reveals = assignment.seats.map((seat) => this.#bodyOf<RevealBody>('reveals', jobId, seat, 0)!)
    const salts = reveals.map(({ salt }) => salt)
    const signatures = concat(reveals.map((reveal) => reveal.signature))
    const args = [order, orderSignature, assignment, signature, reveals[0]!.outputHash, salts, signatures]
    await this.#mesh.send(this.account, 'settleSeats', args)
  }

  /** Tells the seats that they may open. */
  tellOpen(jobId: JobId): void {
    const { seats, commitments } = this.commitments(jobId)
    const { round } = this.#latest(jobId).assignment
    for (const seat of seats) this.hand(seat, { type: 'open', jobId, round, seats, commitments })
  }

  /** Sends `openSeats` with all openings received. */
  async close(jobId: JobId): Promise<void> {
    const { seats, commitments } = this.commitments(jobId)
    const { round } = this.#latest(jobId).assignment
    const openings = seats.map((seat) => this.#bodyOf<OpeningBody>('openings', jobId, seat, round))
    const outputs = openings.map((opening) => (opening ? hashCanonical(opening.result) : zeroHash))
    const salts = openings.map((opening) => opening?.salt ?? zeroHash)
    await this.#mesh.send(this.account, 'openSeats', [
      this.#job(jobId).order,
      seats,
      commitments,
      outputs,
      salts,
    ])
  }

  /** What came in of one kind for a job. */
  of(kind: Received['kind'], jobId: JobId): Record<string, unknown>[] {
    return this.received.filter((one) => one.kind === kind && one.jobId === jobId).map(({ body }) => body)
  }

  #job(jobId: JobId): Job {
    const job = this.#jobs.get(jobId)
    if (!job) throw new DuckMeshError('JOB_NOT_FOUND', `There is no job ${jobId}.`)
    return job
  }

  #latest(jobId: JobId) {
    return this.#job(jobId).assignments.at(-1)!
  }

  #bodyOf<Body>(kind: Received['kind'], jobId: JobId, providerId: number, round: number): Body | undefined {
    const isOfSeat = (body: Record<string, unknown>) => body.providerId === providerId && body.round === round
    return this.of(kind, jobId).findLast(isOfSeat) as Body | undefined
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const url = new URL(request.url ?? '/', this.url)
    if (url.pathname === '/v1/coordinator') return this.#info()
    const [, , scope, jobId = '', kind] = url.pathname.split('/')
    if (scope === 'jobs' && request.method === 'GET') return this.#status(jobId as JobId)
    const { domain } = this.#mesh
    const nowSeconds = Math.floor(Date.now() / 1_000)
    await authenticate(domain, request.headers.authorization, this.account.address, nowSeconds)
    if (url.pathname === '/v1/nodes/work') return this.#poll(request, url.searchParams)
    const body = JSON.parse(await text(request)) as Record<string, unknown>
    const what = scope === 'nodes' ? 'announce' : (kind as Received['kind'])
    this.received.push({ kind: what, jobId: jobId as JobId, body })
    return undefined
  }

  #info() {
    return {
      address: this.account.address,
      publicKey: this.account.publicKey,
      chainId: this.#mesh.domain.chainId,
      mesh: this.#mesh.mesh,
      token: this.#mesh.token,
      feeBps: 500,
      minStakeWei: 0n,
      maxJobLifeSeconds: 86_400,
      modes: ['redundant'],
      nowSeconds: Math.floor(Date.now() / 1_000),
      version: 'test',
    }
  }

  #status(jobId: JobId) {
    const { order, orderSignature, assignments } = this.#job(jobId)
    const record = { candidates: [], publicKey: '0x', proof: '0x', excused: [] }
    return {
      jobId,
      state: 'assigned',
      round: 0,
      order,
      orderSignature,
      createdAtMs: 0,
      updatedAtMs: 0,
      assignments: assignments.map((one) => ({ ...one, record })),
      commitments: [],
      openings: [],
      outcome: null,
      transactions: [],
      skipped: [],
    }
  }

  async #poll(request: IncomingMessage, query: URLSearchParams): Promise<Work> {
    const caller = await this.#callerOf(request)
    const after = Number(query.get('after'))
    const endMs = Date.now() + Number(query.get('waitMs'))
    for (;;) {
      const due = (this.#work.get(caller) ?? []).slice(after)
      const isOver = Date.now() >= endMs || this.#stopping.signal.aborted || request.socket.destroyed
      if (due.length > 0 || isOver) return { items: due, cursor: after + due.length }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async #callerOf(request: IncomingMessage): Promise<number> {
    const token = request.headers.authorization?.split(' ')[1] ?? ''
    const { session } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      session: { account: Hex }
    }
    return this.#mesh.providerIdByKey(session.account)
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}
