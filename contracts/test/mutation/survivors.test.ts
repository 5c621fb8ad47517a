import { expect } from 'chai'
import { connect, loadWorld } from '../support/mesh.ts'
import { settle } from '../support/settling.ts'

// Each of these was written for a fault that all other tests let pass, see contracts/mutation/results.md.
describe('What no other test notices', () => {
  it('a used nonce stays used when its neighbour in the same word is used', async () => {
    const world = await loadWorld()
    const [first, second] = [await world.orderOf({ nonce: 5n }), await world.orderOf({ nonce: 6n })]
    await settle(world, first)
    await settle(world, second)
    await expect(settle(world, first)).to.be.revertedWithCustomError(world.mesh, 'NonceUsed')
    const { requester } = world
    await expect(connect(world.mesh, requester).postJob(second)).to.be.revertedWithCustomError(
      world.mesh,
      'NonceUsed',
    )
  })
})
