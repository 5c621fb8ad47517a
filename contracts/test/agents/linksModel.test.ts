import { expect } from 'chai'
import { randomOf } from '../differential/random.ts'
import { type AgentWorld, loadAgentWorld, registerAgent } from '../support/agents.ts'
import { connect } from '../support/mesh.ts'

const COUNT = 4
const STEPS = 300

/** What links are, as two plain maps. Agents and providers 1 .. 4; agents are numbered from 0. */
class LinksModel {
  /** Index of the provider whose owner has the agent. */
  readonly holders = Array.from({ length: COUNT }, (_, i) => i)
  /** Agent of each provider, stale or not. */
  readonly links = new Map<number, number>()

  isStale(provider: number): boolean {
    const agent = this.links.get(provider)
    return agent !== undefined && this.holders[agent] !== provider
  }

  link(provider: number, agent: number): boolean {
    if (this.holders[agent] !== provider || this.links.has(provider)) return false
    for (const [other, linked] of this.links) if (linked === agent) this.links.delete(other)
    this.links.set(provider, agent)
    return true
  }

  unlink(provider: number, caller: number): boolean {
    if (!this.links.has(provider) || (caller !== provider && !this.isStale(provider))) return false
    return this.links.delete(provider)
  }
}

async function succeeds(sent: Promise<unknown>): Promise<boolean> {
  return sent.then(
    () => true,
    () => false,
  )
}

async function expectEqual({ links }: AgentWorld, model: LinksModel): Promise<void> {
  for (let provider = 0; provider < COUNT; provider++) {
    const agent = model.links.get(provider)
    const expected = [agent !== undefined, model.isStale(provider), BigInt(agent ?? 0)]
    expect(await links.linkOf(provider + 1)).to.deep.equal(expected)
  }
  for (let agent = 0; agent < COUNT; agent++) {
    const found = [...model.links].find(([provider, linked]) => linked === agent && !model.isStale(provider))
    expect(await links.providerIdOf(agent)).to.equal(BigInt(found ? found[0] + 1 : 0))
  }
}

describe('Links under random calls', () => {
  for (const seed of [1, 2, 3]) {
    it(`are what two plain maps say, seed ${seed}`, async () => {
      const world = await loadAgentWorld()
      const random = randomOf(seed)
      const model = new LinksModel()
      const ownerOf = (index: number) => world.provider(index).owner
      for (let i = 0; i < COUNT; i++) await registerAgent(world, ownerOf(i))
      let accepted = 0
      for (let step = 0; step < STEPS; step++) {
        const [provider, agent, caller] = [random.below(COUNT), random.below(COUNT), random.below(COUNT)]
        const action = random.below(3)
        if (action === 0) {
          const sent = connect(world.links, ownerOf(provider)).link(provider + 1, agent)
          expect(await succeeds(sent), `link at step ${step}`).to.equal(model.link(provider, agent))
        } else if (action === 1) {
          const sent = connect(world.links, ownerOf(caller)).unlink(provider + 1)
          const done = await succeeds(sent)
          expect(done, `unlink at step ${step}`).to.equal(model.unlink(provider, caller))
          if (done) accepted++
        } else {
          const holder = ownerOf(model.holders[agent] ?? 0)
          await connect(world.identity, holder).transferFrom(holder.address, ownerOf(caller).address, agent)
          model.holders[agent] = caller
        }
        await expectEqual(world, model)
      }
      expect(accepted, 'too few links to say anything').to.be.greaterThan(10)
    })
  }
})
