import {
  assignmentHash,
  commitmentOf,
  DuckMeshError,
  type ExecutionProfile,
  hashCanonical,
  type InferenceResult,
  type MeshDomain,
  type ProviderId,
  type RevealWork,
  type Route,
  type RunWork,
  receiptTypedData,
  routePath,
  coordinatorRoutes as routes,
  seatCommitTypedData,
  seatRevealTypedData,
  seatShareWei,
  seatsDigest,
  sessionHeader,
  sessionTypedData,
  stringifyWire,
  type Work,
  workSchema,
} from '@duckmesh/protocol'
import { type Address, type Hex, keccak256, toHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'

type SigningAccount = Pick<PrivateKeyAccount, 'address' | 'signTypedData'>

/**
 * A provider's side of the wire without an engine: the test says what it answers. Shows nothing about inference;
 * everything that it signs and sends is real.
 */
export class ScriptedSeat {
  readonly #url: string
  readonly #domain: MeshDomain
  readonly #audience: Address
  readonly #key: SigningAccount
  readonly providerId: ProviderId

  constructor(parameters: {
    url: string
    domain: MeshDomain
    audience: Address
    key: SigningAccount
    providerId: ProviderId
  }) {
    this.#url = parameters.url
    this.#domain = parameters.domain
    this.#audience = parameters.audience
    this.#key = parameters.key
    this.providerId = parameters.providerId
  }

  async call(route: Route, path: string, body?: unknown): Promise<unknown> {
    const session = {
      account: this.#key.address,
      audience: this.#audience,
      expiresAt: Math.floor(Date.now() / 1_000) + 300,
    }
    const signature = await this.#key.signTypedData(sessionTypedData(this.#domain, session))
    const response = await fetch(`${this.#url}${path}`, {
      method: route.method,
      headers: { authorization: sessionHeader(session, signature), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: stringifyWire(body) }),
    })
    const json = (await response.json()) as { error?: Parameters<typeof DuckMeshError.fromWire>[0] } | null
    if (json?.error) throw DuckMeshError.fromWire(json.error)
    return json
  }

  announce(profile: ExecutionProfile, minPriceWei = 1n, capacity = 4): Promise<unknown> {
    const offers = [{ profile, minPriceWei }]
    const body = { providerId: this.providerId, offers, capacity, endpoint: null, version: 'scripted' }
    return this.call(routes.announce, routes.announce.path, body)
  }

  async work(waitMs = 2_000, after = 0): Promise<Work> {
    return workSchema.parse(
      await this.call(routes.work, `${routes.work.path}?waitMs=${waitMs}&after=${after}`),
    )
  }

  saltFor(jobId: Hex): Hex {
    return keccak256(toHex(`${jobId} ${this.providerId}`))
  }

  commitmentFor({ jobId, assignment }: RunWork, result: InferenceResult): Hex {
    const { round } = assignment
    const outputHash = hashCanonical(result)
    return commitmentOf({ jobId, round, providerId: this.providerId, outputHash, salt: this.saltFor(jobId) })
  }

  signCommit({ assignment }: RunWork, commitment: Hex): Promise<Hex> {
    const commit = { assignmentHash: assignmentHash(assignment), providerId: this.providerId, commitment }
    return this.#key.signTypedData(seatCommitTypedData(this.#domain, commit))
  }

  async commit(work: RunWork, commitment: Hex): Promise<unknown> {
    const { jobId } = work
    const { round } = work.assignment
    const signature = await this.signCommit(work, commitment)
    const body = { round, providerId: this.providerId, commitment, signature }
    return this.call(routes.commit, routePath(routes.commit, { jobId }), body)
  }

  /** Reveals over the seats and commitments of a work item, or over others that a test makes up. */
  async reveal(
    { jobId, assignment }: RunWork,
    { seats, commitments }: Pick<RevealWork, 'seats' | 'commitments'>,
    result: InferenceResult,
    salt = this.saltFor(jobId),
  ): Promise<unknown> {
    const { round } = assignment
    const outputHash = hashCanonical(result)
    const statement = {
      assignmentHash: assignmentHash(assignment),
      providerId: this.providerId,
      seatsDigest: seatsDigest({ seats, commitments }),
      outputHash,
    }
    const signature = await this.#key.signTypedData(seatRevealTypedData(this.#domain, statement))
    const body = { round, providerId: this.providerId, salt, outputHash, signature }
    return this.call(routes.reveal, routePath(routes.reveal, { jobId }), body)
  }

  async open(
    { jobId, order, assignment }: RunWork,
    result: InferenceResult,
    salt = this.saltFor(jobId),
  ): Promise<unknown> {
    const now = Math.floor(Date.now() / 1_000)
    const receipt = {
      jobId,
      providerId: this.providerId,
      outputHash: hashCanonical(result),
      assignmentHash: assignmentHash(assignment),
      amountWei: seatShareWei(order, assignment.round),
      promptTokens: 1,
      completionTokens: result.tokens.length,
      startedAt: now,
      finishedAt: now,
    }
    const signature = await this.#key.signTypedData(receiptTypedData(this.#domain, receipt))
    const body = {
      round: assignment.round,
      providerId: this.providerId,
      salt,
      result,
      receipt: { receipt, signature },
    }
    return this.call(routes.open, routePath(routes.open, { jobId }), body)
  }
}
