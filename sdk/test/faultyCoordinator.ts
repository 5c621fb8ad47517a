import { duckMeshAbi, type Order, parseDuck, type Skipped, submitBodySchema } from '@duckmesh/protocol'
import { testModel, testProfile } from './coordinatorInfo.ts'
import { type Handler, json } from './startHttpStub.ts'
import { startTestCoordinator, type TestCoordinator } from './startTestCoordinator.ts'
import type { TestMesh } from './startTestMesh.ts'

/**
 * What happens to the next order: nobody takes it, the coordinator dies before or after it has served it, says that
 * nobody took it and serves it all the same, the seats come to no majority and the price goes back, or all is well.
 */
export type Fault = 'no-providers' | 'dies-before' | 'dies-after' | 'lies' | 'no-majority' | 'none'

/** The test coordinator with trouble ahead. */
export type FaultyCoordinator = TestCoordinator & {
  /** What happens to the next new orders, first to last; then all is well. */
  faults: Fault[]
  /** Least price of one seat of each provider, DUCK wei; below it, an order is not taken. */
  askedWei: bigint[]
  /** Orders that came in, repeated ones too. */
  orders: Order[]
}

/** Starts it over real contracts. */
export async function startFaultyCoordinator(mesh: TestMesh): Promise<FaultyCoordinator> {
  const coordinator = Object.assign(await startTestCoordinator(mesh), {
    faults: [] as Fault[],
    askedWei: mesh.providers.map(() => parseDuck('1')),
    orders: [] as Order[],
  })
  const { handlers, jobs } = coordinator
  const serve = handlers['POST /v1/jobs']!
  handlers['GET /v1/providers'] = (...call) => json({ providers: providersOf(mesh, coordinator) })(...call)
  handlers['POST /v1/jobs'] = async (response, request, body) => {
    const { order } = submitBodySchema.parse(body)
    coordinator.orders.push(order)
    const known = [...jobs.values()].some(({ status }) => status.order.inputHash && same(status.order, order))
    const used = await mesh.chain.readContract({
      address: mesh.mesh,
      abi: duckMeshAbi,
      functionName: 'nonceUsed',
      args: [order.requester, order.nonce],
    })
    if (!known && used) return refuse('NONCE_USED', 409)(response, request, body)
    const skipped = skippedBy(mesh, coordinator, order)
    const fault = known ? 'none' : (coordinator.faults.shift() ?? 'none')
    const tooFew = mesh.providers.length - skipped.length < order.seats
    if (fault === 'no-providers' || (!known && tooFew))
      return refuse('NO_PROVIDERS', 503, { skipped })(response, request, body)
    if (fault === 'dies-before') return void response.destroy()
    if (fault === 'no-majority') coordinator.plays = ['a', 'b', 'c'].map(lie)
    const isSilenced = fault === 'dies-after' || fault === 'lies'
    await serve(isSilenced ? silenced(response) : response, request, body)
    coordinator.plays = []
    if (fault === 'no-majority') await refund(mesh, coordinator, order)
    if (fault === 'dies-after') response.destroy()
    if (fault === 'lies') return refuse('NO_PROVIDERS', 503, { skipped })(response, request, body)
  }
  return coordinator
}

const lie = (text: string) => ({ text, tokens: [1], finishReason: 'stop' as const })
const same = (one: Order, other: Order) =>
  one.nonce === other.nonce && one.priceWei === other.priceWei && one.acceptBy === other.acceptBy

const refuse = (code: string, status: number, details = {}): Handler =>
  json({ error: { code, message: `refused as ${code}`, details } }, status)

// the answer is thrown away: the socket dies instead
const silenced = (response: Parameters<Handler>[0]): Parameters<Handler>[0] =>
  Object.assign(Object.create(response), { writeHead: () => ({ end: () => undefined }) })

const skippedBy = (mesh: TestMesh, { askedWei }: FaultyCoordinator, order: Order): Skipped[] =>
  mesh.providers
    .filter((_provider, index) => order.priceWei / BigInt(order.seats) < askedWei[index]!)
    .map(({ providerId }) => ({ providerId, reason: 'PRICE_TOO_LOW', fix: 'raise it' }))

const providersOf = (mesh: TestMesh, { askedWei }: FaultyCoordinator) =>
  mesh.providers.map(({ providerId, owner, signer }, index) => ({
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
    offers: [{ profile: testProfile, minPriceWei: askedWei[index]!, streaming: null }],
    sealKey: null,
  }))

/** Lets the second round run out of time, so that the price goes back. */
async function refund(mesh: TestMesh, { jobs }: FaultyCoordinator, order: Order): Promise<void> {
  await mesh.chain.increaseTime({ seconds: 2 * order.execWindow + 2 })
  await mesh.chain.mine({ blocks: 1 })
  await mesh.call(mesh.coordinator, mesh.mesh, 'expireJob', [order])
  const job = [...jobs.values()].find(({ status }) => same(status.order, order))!
  job.status.state = 'refunded'
  job.events.at(-1)!.type = 'refunded'
}
