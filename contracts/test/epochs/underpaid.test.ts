import { expect } from 'chai'
import { Wallet } from 'ethers'
import { afterWindow, applyAll, expectProvenWrong, loadEpochWorld, noteOf, post } from '../support/epochs.ts'
import { connect, DUCK } from '../support/mesh.ts'

describe('EpochSettler: proof of underpayment', () => {
  it('reverts an epoch that credits one wei less than a note says', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const { note, signature } = await noteOf(world, 1, 30n * DUCK + 1n)
    await connect(world.settler, world.stranger).proveUnderpaid(
      posted.header,
      posted.data.credits.packed,
      note,
      signature,
    )
    await expectProvenWrong(world, posted)
  })

  it('reverts an epoch that leaves the provider out', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const { note, signature } = await noteOf(world, 4, 1n)
    await connect(world.settler, world.stranger).proveUnderpaid(
      posted.header,
      posted.data.credits.packed,
      note,
      signature,
    )
    await expectProvenWrong(world, posted)
  })

  it('does not touch an epoch that credits exactly what the note says', async () => {
    const world = await loadEpochWorld()
    const { header, data } = await post(world)
    const { note, signature } = await noteOf(world, 1, 30n * DUCK)
    await expect(
      world.settler.proveUnderpaid(header, data.credits.packed, note, signature),
    ).to.be.revertedWithCustomError(world.settler, 'NothingWrong')
  })

  it('refuses a note of another serial', async () => {
    const world = await loadEpochWorld()
    const { header, data } = await post(world)
    const { note, signature } = await noteOf(world, 1, 100n * DUCK, { serial: 2 })
    await expect(world.settler.proveUnderpaid(header, data.credits.packed, note, signature))
      .to.be.revertedWithCustomError(world.settler, 'OtherEpoch')
      .withArgs(1, 2)
  })

  it('refuses a note that another key signed', async () => {
    const world = await loadEpochWorld()
    const { header, data } = await post(world)
    const { note, signature } = await noteOf(world, 1, 100n * DUCK, {
      signer: new Wallet(`0x${'22'.repeat(32)}`),
    })
    await expect(world.settler.proveUnderpaid(header, data.credits.packed, note, signature))
      .to.be.revertedWithCustomError(world.settler, 'BadSignature')
      .withArgs(world.poster.address)
  })

  it('comes too late for an epoch that is applied', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await afterWindow(posted)
    await applyAll(world, posted)
    const { note, signature } = await noteOf(world, 1, 100n * DUCK)
    await expect(
      world.settler.proveUnderpaid(posted.header, posted.data.credits.packed, note, signature),
    ).to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
  })
})
