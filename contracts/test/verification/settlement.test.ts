import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { collectedWei, feeOf, netOf } from '../support/fees.ts'
import {
  at,
  BOND_WEI,
  DEPOSIT_WEI,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
  ZERO_HASH,
} from '../support/mesh.ts'
import { withProviders } from '../support/providers.ts'
import { anchor, HONEST, open, redundantOrder, roundOf, type TestRound, WRONG } from '../support/redundant.ts'
import type { Order } from '../support/typedData.ts'

const HALF_WEI = BOND_WEI / 2n
const OWNER_START_WEI = DEPOSIT_WEI - STAKE_WEI

async function anchored(outputs: string[], overrides: Partial<Order> = {}) {
  const world = await loadWorld()
  const order = await redundantOrder(world, { seats: outputs.length, ...overrides })
  const round = roundOf(world, order, outputs)
  await anchor(world, round)
  return { world, mesh: world.mesh, round, anchoredAt: await time.latest() }
}

/** Seat `copier` (index) commits to the commitment of seat `victim`. */
async function anchoredCopy(victim: number, copier: number, outputs = [HONEST, HONEST, HONEST]) {
  const world = await loadWorld()
  const round: TestRound = roundOf(world, await redundantOrder(world), outputs)
  round.commitments[copier] = round.commitments[victim] ?? ''
  await anchor(world, round)
  return { world, mesh: world.mesh, round, anchoredAt: await time.latest() }
}

describe('Settling a round', () => {
  it('pays all seats when they agree', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    const share = PRICE_WEI / 3n
    await expect(open(world, round))
      .to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, HONEST, 0b111)
      .and.to.emit(mesh, 'JobFinalized')
      .withArgs(round.jobId, 0, PRICE_WEI, 0)
    expect((await mesh.jobOf(round.jobId)).status).to.equal(Status.paid)
    for (const index of [0, 1, 2]) {
      expect(await world.freeOf(world.provider(index).owner)).to.equal(OWNER_START_WEI + netOf(share))
    }
    expect(await world.freeOf(world.treasury)).to.equal(0n)
    await expectConserved(world)
    expect(await collectedWei(world)).to.equal(3n * feeOf(share))
    await expectConserved(world)
  })

  it('slashes a minority: half burned, half and the unearned price to the requester', async () => {
    const { world, mesh, round } = await anchored([HONEST, WRONG, HONEST])
    await expect(open(world, round))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(2, round.jobId, 1, HALF_WEI, 0, HALF_WEI)
      .and.to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, HONEST, 0b101)
    expect((await mesh.providerOf(2)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect(await world.freeOf(world.provider(1).owner)).to.equal(OWNER_START_WEI)
    const refund = PRICE_WEI / 3n + HALF_WEI
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - PRICE_WEI + refund)
    await expectConserved(world)
  })

  it('finds the majority wherever it sits', async () => {
    for (const outputs of [
      [WRONG, HONEST, HONEST],
      [HONEST, HONEST, WRONG],
      [WRONG, ethers.id('x'), HONEST, HONEST, HONEST],
      [HONEST, WRONG, HONEST, WRONG, HONEST],
    ]) {
      const { world, mesh, round } = await anchored(outputs)
      const mask = outputs.reduce((bits, output, i) => (output === HONEST ? bits | (1 << i) : bits), 0)
      await expect(open(world, round)).to.emit(mesh, 'RedundantClosed').withArgs(round.jobId, 0, HONEST, mask)
      await expectConserved(world)
    }
  })

  it('returns the dust of a price that does not divide', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST], { priceWei: 11n })
    await expect(open(world, round)).to.emit(mesh, 'JobFinalized').withArgs(round.jobId, 0, 9, 2)
    await expectConserved(world)
  })

  it('settles a round of free seats without bonds', async () => {
    const { world, round } = await anchored([HONEST, WRONG, HONEST], { priceWei: 0n, bondWei: 0n })
    await open(world, round)
    await expectConserved(world)
  })

  it('burns the odd wei of a bond', async () => {
    const { world, mesh, round } = await anchored([HONEST, WRONG, HONEST], { bondWei: 3n })
    await expect(open(world, round)).to.emit(mesh, 'ProviderSlashed').withArgs(2, round.jobId, 1, 1, 0, 2)
    await expectConserved(world)
  })

  it('settles fifteen seats', async () => {
    const world = await withProviders(15)
    const { mesh } = world
    const outputs = Array.from({ length: 15 }, (_, i) => (i % 2 === 0 ? HONEST : WRONG))
    const round = roundOf(world, await redundantOrder(world, { seats: 15 }), outputs)
    await anchor(world, round)
    await expect(open(world, round))
      .to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, HONEST, 0b101010101010101)
    await expectConserved(world, {}, world.providers.map(({ owner }) => owner.address).slice(7))
  })
})

describe('Silent seats', () => {
  it('hold up the settlement until the reveal deadline, to the second', async () => {
    const { world, mesh, round, anchoredAt } = await anchored([HONEST, HONEST, HONEST])
    const revealBy = anchoredAt + EXEC_WINDOW
    await at(revealBy)
    await expect(open(world, round, [0, 1]))
      .to.be.revertedWithCustomError(mesh, 'TooEarly')
      .withArgs(revealBy)
    await at(revealBy + 1)
    await expect(open(world, round, [0, 1]))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(3, round.jobId, 2, HALF_WEI, 0, HALF_WEI)
      .and.to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, HONEST, 0b011)
    await expectConserved(world)
  })

  it('count as assigned: one opening of three is no majority', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    await time.increase(EXEC_WINDOW + 1)
    await expect(open(world, round, [1]))
      .to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, ZERO_HASH, 0)
    expect((await mesh.jobOf(round.jobId)).status).to.equal(Status.reseating)
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })

  it('lose everything together when nobody opens', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    await time.increase(EXEC_WINDOW + 1)
    await open(world, round, [])
    for (const id of [1, 2, 3]) expect((await mesh.providerOf(id)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - PRICE_WEI + 3n * HALF_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })

  it('are saved by an opening that comes late but before the settlement', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    await time.increase(10 * EXEC_WINDOW)
    await expect(open(world, round)).to.emit(mesh, 'RedundantClosed').withArgs(round.jobId, 0, HONEST, 0b111)
    await expectConserved(world)
  })
})

describe('Copied commitments', () => {
  it('are slashed at once, since nobody can open them', async () => {
    const { world, mesh, round } = await anchoredCopy(0, 2)
    await expect(open(world, round, [0, 1]))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(3, round.jobId, 3, HALF_WEI, 0, HALF_WEI)
      .and.to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, HONEST, 0b011)
    await expectConserved(world)
  })

  it('are found before and after the copied seat', async () => {
    const { world, mesh, round } = await anchoredCopy(2, 0)
    await expect(open(world, round, [1, 2]))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, round.jobId, 3, HALF_WEI, 0, HALF_WEI)
    await expectConserved(world)
  })

  it('cannot be opened by the copier with the salt of the victim', async () => {
    const { world, mesh, round } = await anchoredCopy(0, 2)
    round.salts[2] = round.salts[0] ?? ''
    await expect(open(world, round)).to.be.revertedWithCustomError(mesh, 'BadOpening').withArgs(3)
  })

  it('are silent, both of them, when the copied seat does not open either', async () => {
    const { world, mesh, round, anchoredAt } = await anchoredCopy(0, 2)
    await at(anchoredAt + EXEC_WINDOW)
    await expect(open(world, round, [1])).to.be.revertedWithCustomError(mesh, 'TooEarly')
    await at(anchoredAt + EXEC_WINDOW + 1)
    const sent = await open(world, round, [1])
    for (const id of [1, 3]) {
      await expect(sent).to.emit(mesh, 'ProviderSlashed').withArgs(id, round.jobId, 2, HALF_WEI, 0, HALF_WEI)
    }
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })
})

describe('Openings', () => {
  it('must open the commitment of their seat', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    const wrongOutput = { ...round, outputs: [HONEST, WRONG, HONEST] }
    await expect(open(world, wrongOutput)).to.be.revertedWithCustomError(mesh, 'BadOpening').withArgs(2)
    const wrongSalt = { ...round, salts: [round.salts[0] ?? '', round.salts[1] ?? '', ethers.id('salt')] }
    await expect(open(world, wrongSalt)).to.be.revertedWithCustomError(mesh, 'BadOpening').withArgs(3)
  })

  it('must not be the zero hash, even if a seat committed to it', async () => {
    const { world, mesh, round } = await anchored([ZERO_HASH, HONEST, HONEST])
    await expect(open(world, round)).to.be.revertedWithCustomError(mesh, 'BadOpening').withArgs(1)
    await time.increase(EXEC_WINDOW + 1)
    await expect(open(world, round, [1, 2]))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, round.jobId, 2, HALF_WEI, 0, HALF_WEI)
    await expectConserved(world)
  })

  it('must come with the anchored seats and commitments', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    for (const other of [
      { ...round, ids: [1, 2, 4] },
      { ...round, ids: [2, 1, 3] },
      { ...round, commitments: [...round.commitments].reverse() },
      { ...round, ids: [1, 2] },
    ]) {
      await expect(open(world, other, []))
        .to.be.revertedWithCustomError(mesh, 'SeatsMismatch')
        .withArgs(round.jobId)
    }
  })

  it('must be as many as the seats', async () => {
    const { mesh, round } = await anchored([HONEST, HONEST, HONEST])
    const { order, ids, commitments, outputs, salts } = round
    await expect(mesh.openSeats(order, ids, commitments, outputs.slice(1), salts))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(2, 3)
    await expect(mesh.openSeats(order, ids, commitments, outputs, [...salts, ZERO_HASH]))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(4, 3)
  })

  it('settle a round once', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    await open(world, round)
    await expect(open(world, round))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(round.jobId, Status.paid)
  })

  it('of ids with dirty high bits match nothing', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, HONEST])
    const { order, ids, commitments, outputs, salts } = round
    const data = mesh.interface.encodeFunctionData('openSeats', [order, ids, commitments, outputs, salts])
    const clean = `${'0'.repeat(63)}3${'0'.repeat(63)}1${'0'.repeat(63)}2`
    expect(data).to.include(clean)
    const dirty = data.replace(clean, `${'0'.repeat(63)}3${'0'.repeat(55)}100000001${'0'.repeat(63)}2`)
    await expect(world.stranger.sendTransaction({ to: world.domain.verifyingContract, data: dirty }))
      .to.be.revertedWithCustomError(mesh, 'SeatsMismatch')
      .withArgs(round.jobId)
  })
})
