import { expect } from 'chai'
import { connect, loadWorld } from '../support/mesh.ts'
import { anchor, HONEST, redundantOrder, roundOf } from '../support/redundant.ts'
import { settle } from '../support/settling.ts'
import { post } from '../support/signedLane.ts'

describe('Order nonces', () => {
  it('are used by posting and stay used after a cancel', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const order = await post(world, { nonce: 511n })
    expect(await mesh.nonceUsed(requester.address, 511n)).to.equal(true)
    expect(await mesh.nonceUsed(requester.address, 510n)).to.equal(false)
    await connect(mesh, requester).cancelJob(order)
    await expect(connect(mesh, requester).postJob(order))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(requester.address, 511n)
  })

  it('are shared by the lanes, in both directions', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    await post(world, { nonce: 7n })
    const late = roundOf(world, await redundantOrder(world, { nonce: 7n }), [HONEST, HONEST, HONEST])
    await expect(anchor(world, late)).to.be.revertedWithCustomError(mesh, 'NonceUsed')

    const first = roundOf(world, await redundantOrder(world, { nonce: 8n }), [HONEST, HONEST, HONEST])
    await anchor(world, first)
    const order = await world.orderOf({ nonce: 8n })
    await expect(connect(mesh, requester).postJob(order)).to.be.revertedWithCustomError(mesh, 'NonceUsed')
  })

  it('can be invalidated, which voids orders signed before', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const round = roundOf(world, await redundantOrder(world, { nonce: 300n }), [HONEST, HONEST, HONEST])
    const mask = 1n << (300n & 0xffn)
    await expect(connect(mesh, requester).invalidateNonces(300n >> 8n, mask))
      .to.emit(mesh, 'NoncesInvalidated')
      .withArgs(requester.address, 1n, mask)
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'NonceUsed')
    expect(await mesh.nonceUsed(requester.address, 301n)).to.equal(false)
  })

  it('stay void when they are voided again, alone or with others', async () => {
    const { mesh, requester } = await loadWorld()
    const market = connect(mesh, requester)
    await market.invalidateNonces(0, 0b0110)
    await market.invalidateNonces(0, 0b0011)
    for (const nonce of [0, 1, 2]) expect(await mesh.nonceUsed(requester.address, nonce)).to.equal(true)
    expect(await mesh.nonceUsed(requester.address, 3)).to.equal(false)
  })

  it('stay used when a neighbour in the same word is used', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const [first, second] = [await world.orderOf({ nonce: 5n }), await world.orderOf({ nonce: 6n })]
    await settle(world, first)
    await settle(world, second)
    await expect(settle(world, first)).to.be.revertedWithCustomError(mesh, 'NonceUsed')
    await expect(connect(mesh, requester).postJob(second)).to.be.revertedWithCustomError(mesh, 'NonceUsed')
  })

  it('are per requester, up to the largest nonce', async () => {
    const world = await loadWorld()
    const { mesh, requester, challenger } = world
    const nonce = 2n ** 64n - 1n
    await post(world, { nonce })
    expect(await mesh.nonceUsed(requester.address, nonce)).to.equal(true)
    const order = await world.orderOf({ nonce, requester: challenger.address })
    await connect(mesh, challenger).postJob(order)
  })
})
