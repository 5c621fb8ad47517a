import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import { connect, ethers, time, type World, ZERO_HASH } from '../support/mesh.ts'
import { roundOf, type TestRound } from '../support/redundant.ts'
import type { Order } from '../support/typedData.ts'
import type { ModelJob } from './marketModel.ts'
import type { MeshModel, ModelChannel } from './meshModel.ts'
import type { Random } from './random.ts'

export const EXEC_SECONDS = 100
export const DISPUTE_SECONDS = 150
const ACCEPT_SECONDS = 400

export const OUTPUTS = ['honest', 'wrong', 'third'].map((text) => ethers.id(text))

/** A round with all its secrets. */
export interface Drawn extends TestRound {
  /** Seats whose commitment is another's, so that nobody can open it. */
  copies: Set<number>
}

/** A job in both worlds, with the round that was bound last. */
export interface Played {
  job: ModelJob
  jobId: string
  round?: Drawn
}

/** The real mesh, its model, and everybody who acts. */
export class Play {
  readonly world: World
  readonly model: MeshModel
  readonly random: Random
  readonly jobs: Played[] = []
  readonly channels: ModelChannel[] = []
  /** Who buys, deposits and withdraws. */
  readonly people: HardhatEthersSigner[]

  constructor(world: World, random: Random, model: MeshModel) {
    // The providers of the fixture are shared by all tests; those that register here are not.
    const providers = world.providers.slice(0, 7)
    const provider = (index: number) => providers[index] ?? world.provider(index)
    this.world = { ...world, providers, provider }
    this.random = random
    this.model = model
    const owners = providers.map(({ owner }) => owner)
    this.people = [world.requester, world.challenger, world.stranger, ...owners]
  }

  as(signer: HardhatEthersSigner) {
    return connect(this.world.mesh, signer)
  }

  person(): HardhatEthersSigner {
    return this.random.pick(this.people) ?? this.world.requester
  }

  /** Who buys: two that own nothing, now and then the owner of a provider. */
  payer(): HardhatEthersSigner {
    const { challenger, provider, requester } = this.world
    if (this.random.oneIn(5)) return provider(this.random.below(2)).owner
    return this.random.oneIn(3) ? challenger : requester
  }

  /** Who signs for an address. */
  signerOf(address: string): HardhatEthersSigner {
    return this.people.find((person) => person.address === address) ?? this.world.requester
  }

  providerId(): number {
    return 1 + this.random.below(this.model.providers.length)
  }

  /** Owner or key of a provider; now and then somebody else. */
  operatorOf(id: number): HardhatEthersSigner {
    if (this.random.oneIn(12)) return this.world.stranger
    const { owner, key } = this.world.provider(id - 1)
    return this.random.oneIn(2) ? owner : key
  }

  /** A job in one of these states if there is one; now and then any job, for calls that must be refused. */
  jobIn(...statuses: ModelJob['status'][]): Played | undefined {
    const wanted = this.jobs.filter(({ job }) => statuses.includes(job.status))
    return this.random.oneIn(8) ? this.random.pick(this.jobs) : this.random.pick(wanted)
  }

  async newJob(overrides: Partial<Order>): Promise<Played> {
    const { random, world } = this
    const order = await world.orderOf({
      requester: this.payer().address,
      coordinator: world.coordinator.address,
      priceWei: random.wei(random.oneIn(20) ? 20_000 : 60),
      bondWei: random.wei(random.oneIn(10) ? 2_000 : 120),
      nonce: BigInt(this.jobs.length),
      acceptBy: (await time.latest()) + ACCEPT_SECONDS,
      execWindow: random.oneIn(40) ? 60_000 : EXEC_SECONDS,
      disputeWindow: DISPUTE_SECONDS,
      ...overrides,
    })
    const played: Played = { job: this.model.newJob(order), jobId: world.jobIdOf(order) }
    this.jobs.push(played)
    return played
  }

  /** Draws the seats of the round a job is waiting for: honest, wrong, at odds, or with a copied commitment. */
  draw(played: Played): Drawn {
    const { job } = played
    if (job.status === 'committing' && played.round) return played.round
    const { random } = this
    const count = job.round === 2 ? 3 : job.order.seats
    const ids = this.model.providers.map((_, i) => i + 1)
    if (job.dispute && !random.oneIn(6)) ids.splice(job.dispute.providerId - 1, 1)
    const seats = Array.from({ length: count }, () => ids.splice(random.below(ids.length), 1)[0] ?? 0)
    const outputs = seats.map(() => (random.oneIn(4) ? random.pick(OUTPUTS) : OUTPUTS[0]) ?? '')
    const round = roundOf(this.world, job.order, outputs, { round: job.round, ids: seats })
    const copies = new Set<number>()
    if (random.oneIn(6)) {
      const [copier, victim] = [random.below(count), random.below(count)]
      if (copier !== victim) {
        round.commitments[copier] = round.commitments[victim] ?? ''
        copies.add(copier)
      }
    }
    return { ...round, copies }
  }
}

/** Commitments as they are anchored: zero where a seat never committed. */
export function anchoredOf({ job }: Played): string[] {
  return job.seats.map(({ commitment }) => commitment ?? ZERO_HASH)
}
