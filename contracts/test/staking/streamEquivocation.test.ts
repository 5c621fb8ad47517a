import { expect } from 'chai'
import { channelIdOf, configOf } from '../support/channels.ts'
import { expectConserved } from '../support/conservation.ts'
import { connect, DEPOSIT_WEI, ethers, loadWorld, PARAMS, STAKE_WEI, type World } from '../support/mesh.ts'
import { HONEST } from '../support/redundant.ts'
import { streamContradiction, streamOf } from '../support/streamContradiction.ts'
import { digestOf } from '../support/typedData.ts'

/** The slashed bond is the minimum stake. */
const SLASH_WEI = PARAMS.minStakeWei
const EQUIVOCATION = 6

type Proof = Awaited<ReturnType<typeof streamContradiction>>

const prove = (world: World, proof: Proof) =>
  connect(world.mesh, world.stranger).proveStreamEquivocation(...proof)

describe('Two outputs signed for one stream', () => {
  it('cost a bond: half burned, a quarter each to reporter and payer', async () => {
    const world = await loadWorld()
    const { mesh, stranger, requester } = world
    const proof = await streamContradiction(world)
    const streamId = digestOf(world.domain, 'Stream', proof[1])
    await expect(prove(world, proof))
      .to.emit(mesh, 'EquivocationProven')
      .withArgs(streamId, 1, stranger.address, SLASH_WEI)
      .and.to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, streamId, EQUIVOCATION, SLASH_WEI / 4n, SLASH_WEI / 4n, SLASH_WEI / 2n)
    expect(await world.freeOf(stranger)).to.equal(SLASH_WEI / 4n)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI + SLASH_WEI / 4n)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - SLASH_WEI)
    await expectConserved(world)
  })

  it('cost one bond for a key', async () => {
    const world = await loadWorld()
    const proof = await streamContradiction(world)
    await prove(world, proof)
    await expect(prove(world, proof)).to.be.revertedWithCustomError(world.mesh, 'KeyNotLiable')
  })

  it('are none when the second says the same, or is of another provider', async () => {
    const world = await loadWorld()
    for (const change of [
      { outputHash: HONEST },
      { outputHash: HONEST, amountWei: 10n },
      { providerId: 2 },
    ]) {
      await expect(prove(world, await streamContradiction(world, change))).to.be.revertedWithCustomError(
        world.mesh,
        'NoConflict',
      )
    }
  })

  it('are none when the channel is another one: nobody else gets the part of the payer', async () => {
    const world = await loadWorld()
    const [, stream, ...receipts] = await streamContradiction(world)
    const config = configOf(world, { payer: world.stranger.address })
    await expect(prove(world, [config, stream, ...receipts]))
      .to.be.revertedWithCustomError(world.mesh, 'WrongChannel')
      .withArgs(stream.channelId, channelIdOf(world, config))
  })

  it('are none when the channel is with another provider', async () => {
    const world = await loadWorld()
    const [, , ...receipts] = await streamContradiction(world)
    const config = configOf(world, { providerId: 2 })
    await expect(prove(world, [config, streamOf(world, config), ...receipts])).to.be.revertedWithCustomError(
      world.mesh,
      'NoConflict',
    )
  })

  it('are none when the stream is another one', async () => {
    const world = await loadWorld()
    const [config, , ...receipts] = await streamContradiction(world)
    const other = streamOf(world, config, { requestHash: ethers.id('another') })
    await expect(prove(world, [config, other, ...receipts]))
      .to.be.revertedWithCustomError(world.mesh, 'WrongReceipt')
      .withArgs(receipts[0].jobId, digestOf(world.domain, 'Stream', other))
  })
})
