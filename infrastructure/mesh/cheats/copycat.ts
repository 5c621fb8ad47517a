// A provider that cheats: it does no work, waits for another seat's commitment, which is public, and signs the same
// one as its own. It also asks its peers for the results behind the commitments. Its keys, stake and signatures are real.
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  assignmentHash,
  type JobId,
  type JobStatus,
  limits,
  seatCommitTypedData,
  sessionHeader,
  sessionTypedData,
} from '@duckmesh/protocol'
import {
  type CoordinatorClient,
  createExecutor,
  createHttpCoordinatorClient,
  createNode,
  parseConfig,
  systemClock,
} from '@duckmesh/provider-node'
import { createPublicClient, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

const config = parseConfig(process.env)
const signer = privateKeyToAccount(config.SIGNING_PRIVATE_KEY)
const chainId = await createPublicClient({ transport: http(config.RPC_URL) }).getChainId()
const domain = { chainId, verifyingContract: config.MESH_ADDRESS }
const honest = createHttpCoordinatorClient({
  url: config.COORDINATOR_URL,
  domain,
  account: signer,
  clock: systemClock,
})

/** Asks every other provider for its result of the job. Honest nodes refuse: a peer is not the requester. */
async function askPeers(jobId: JobId): Promise<void> {
  const response = await fetch(`${config.COORDINATOR_URL}/v1/providers`)
  const { providers } = (await response.json()) as {
    providers: { endpoint: string | null; signingKey: `0x${string}` }[]
  }
  for (const { endpoint, signingKey: audience } of providers) {
    if (!endpoint || audience === signer.address) continue
    const session = {
      account: signer.address,
      audience,
      expiresAt: Math.floor(Date.now() / 1_000) + limits.maxSessionSeconds,
    }
    const authorization = sessionHeader(
      session,
      await signer.signTypedData(sessionTypedData(domain, session)),
    )
    const answer = await fetch(`${endpoint}/jobs/${jobId}/result`, { headers: { authorization } }).catch(
      () => undefined,
    )
    console.log(
      JSON.stringify({ msg: 'asked a peer for its result', endpoint, status: answer?.status ?? 'no answer' }),
    )
  }
}

/** The commitment of another seat, as soon as there is one. */
async function peerCommitment(
  jobId: JobId,
  round: number,
  self: number,
): Promise<JobStatus['commitments'][number]> {
  for (;;) {
    const { commitments } = await honest.jobStatus(jobId)
    const peer = commitments.find((entry) => entry.round === round && entry.providerId !== self)
    if (peer) return peer
    await sleep(20)
  }
}

/** Hash of the assignment that seats this provider now. */
async function seatingHash(jobId: JobId) {
  const { assignments } = await honest.jobStatus(jobId)
  return assignmentHash(assignments.at(-1)!.assignment)
}

const copying: Partial<CoordinatorClient> = {
  async commit(jobId, { round, providerId }) {
    const { commitment } = await peerCommitment(jobId, round, providerId)
    await askPeers(jobId)
    const signature = await signer.signTypedData(
      seatCommitTypedData(domain, { assignmentHash: await seatingHash(jobId), providerId, commitment }),
    )
    await honest.commit(jobId, { round, providerId, commitment, signature })
    console.log(JSON.stringify({ msg: 'copied a commitment', jobId, commitment }))
  },
}
// the rest of the client stays as it is; its getters must see the client itself
const coordinator = new Proxy(honest, {
  get: (client, name) => Reflect.get(name in copying ? copying : client, name),
})

const claimed = await createExecutor(config)
const executor = {
  ...claimed,
  profile: claimed.profile,
  run: async () => ({ result: { text: '', tokens: [], finishReason: 'stop' as const }, promptTokens: 0 }),
  close: () => claimed.close(),
}
const node = await createNode(config, { coordinator, executor })
process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)))
await node.start()
