import { expect } from 'chai'
import type { Contract } from 'ethers'
import { claim, claimOf, configOf, WITHDRAW_DELAY } from '../support/channels.ts'
import { feeOf, netOf } from '../support/fees.ts'
import {
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DUCK,
  ethers,
  loadWorld,
  networkHelpers,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  ZERO_HASH,
} from '../support/mesh.ts'
import { settle } from '../support/settling.ts'
import { accepted } from '../support/signedLane.ts'

const MAX_PAGE = 256

async function lensWorld() {
  const world = await loadWorld()
  const lens: Contract = await ethers.deployContract('MeshLens')
  return { ...world, world, lens, at: await world.mesh.getAddress() }
}

describe('The lens on providers', () => {
  it('gives what the mesh says, with id and activity', async () => {
    const { lens, mesh, at, provider } = await lensWorld()
    const { owner } = provider(1)
    await connect(mesh, owner).startUnstake(2, STAKE_WEI)
    const entries = await lens.providers(at, 1, 3)
    expect(entries.map(({ providerId }: { providerId: bigint }) => providerId)).to.deep.equal([1n, 2n, 3n])
    expect(entries.map(({ active }: { active: boolean }) => active)).to.deep.equal([true, false, true])
    for (const { providerId, provider: record } of entries) {
      expect(record).to.deep.equal(await mesh.providerOf(providerId))
    }
    expect(entries[1].provider.unstakingWei).to.equal(STAKE_WEI)
  })

  it('ends with the last provider, and begins with the first for id 0', async () => {
    const { lens, at, providers } = await lensWorld()
    const all = BigInt(providers.length)
    const ids = async (from: bigint, count: number) =>
      (await lens.providers(at, from, count)).map(({ providerId }: { providerId: bigint }) => providerId)
    expect(await ids(0n, 2)).to.deep.equal([1n, 2n])
    expect(await ids(all - 1n, MAX_PAGE)).to.deep.equal([all - 1n, all])
    expect(await ids(all, 1)).to.deep.equal([all])
    expect(await ids(all + 1n, 5)).to.deep.equal([])
    expect(await ids(2n ** 32n - 1n, MAX_PAGE)).to.deep.equal([])
    expect(await ids(1n, 0)).to.deep.equal([])
  })

  it('gives every provider once, page by page', async () => {
    const { lens, at, providers } = await lensWorld()
    const seen: bigint[] = []
    for (let next = 1n; ; next = seen[seen.length - 1]! + 1n) {
      const page = await lens.providers(at, next, 3)
      if (page.length === 0) break
      for (const { providerId } of page) seen.push(providerId)
    }
    expect(seen).to.deep.equal(providers.map(({ id }) => BigInt(id)))
  })
})

describe('The lens on accounts', () => {
  it('gives free balances and the fees that wait beside them', async () => {
    const { lens, mesh, at, world, requester, stranger, provider } = await lensWorld()
    await settle(world, await world.orderOf({ bondWei: 0n, coordinator: ethers.ZeroAddress }))
    const { owner } = provider(0)
    const addresses = [requester.address, owner.address, stranger.address, requester.address]
    const entries = await lens.accounts(at, addresses)
    for (const [index, address] of addresses.entries()) {
      const { freeWei, feeDueWei } = entries[index]
      expect([freeWei, feeDueWei]).to.deep.equal([
        await mesh.accountOf(address),
        await mesh.feeDueOf(address),
      ])
    }
    expect(entries[0].feeDueWei).to.equal(0n)
    expect(entries[1].feeDueWei).to.equal(feeOf(PRICE_WEI))
    expect(entries[1].freeWei).to.equal(DEPOSIT_WEI - STAKE_WEI + netOf(PRICE_WEI))
    expect([entries[2].freeWei, entries[2].feeDueWei]).to.deep.equal([0n, 0n])
  })
})

describe('The lens on jobs, channels and nonces', () => {
  it('gives jobs in the order asked for, empty where there is none', async () => {
    const { lens, mesh, at, world } = await lensWorld()
    const jobId = world.jobIdOf(await accepted(world))
    const [none, job] = await lens.jobs(at, [ZERO_HASH, jobId])
    expect([none.status, job.status]).to.deep.equal([Status.none, Status.active])
    expect(job).to.deep.equal(await mesh.jobOf(jobId))
    expect((await mesh.providerOf(job.providerId)).lockedWei).to.equal(BOND_WEI)
  })

  it('gives channels in the order asked for, empty where none was opened', async () => {
    const { lens, mesh, at, world, requester } = await lensWorld()
    const config = configOf(world, { withdrawDelay: WITHDRAW_DELAY })
    await connect(mesh, requester).openChannel(config, 4n * DUCK)
    await claim(world, [await claimOf(world, config, DUCK)])
    const channelId = await mesh.channelIdOf(config)
    const [none, channel] = await lens.channels(at, [ZERO_HASH, channelId])
    expect(none.opened).to.equal(false)
    expect(channel).to.deep.equal(await mesh.channelOf(channelId))
    expect([channel.fundedWei, channel.claimedWei]).to.deep.equal([4n * DUCK, DUCK])
  })

  it('tells used nonces from unused ones, for one requester', async () => {
    const { lens, mesh, at, requester, stranger } = await lensWorld()
    await connect(mesh, requester).invalidateNonces(1, 0b101)
    const nonces = [255, 256, 257, 258, 2n ** 64n - 1n]
    expect(await lens.nonces(at, requester.address, nonces)).to.deep.equal([false, true, false, true, false])
    expect(await lens.nonces(at, stranger.address, nonces)).to.deep.equal(nonces.map(() => false))
  })
})

describe('A page of the lens', () => {
  const pages: [name: string, args: (count: number) => unknown[]][] = [
    ['providers', (count) => [1, count]],
    ['accounts', (count) => [Array(count).fill(ethers.ZeroAddress)]],
    ['jobs', (count) => [Array(count).fill(ZERO_HASH)]],
    ['channels', (count) => [Array(count).fill(ZERO_HASH)]],
    ['nonces', (count) => [ethers.ZeroAddress, Array(count).fill(0n)]],
  ]
  for (const [name, args] of pages) {
    it(`of ${name} has ${MAX_PAGE} entries at most`, async () => {
      const { lens, at } = await lensWorld()
      const view = lens.getFunction(name)
      await view(at, ...args(MAX_PAGE))
      await expect(view(at, ...args(MAX_PAGE + 1)))
        .to.be.revertedWithCustomError(lens, 'PageTooLong')
        .withArgs(MAX_PAGE + 1, MAX_PAGE)
    })
  }

  it('can be empty', async () => {
    const { lens, at } = await lensWorld()
    for (const [name, args] of pages) {
      expect(await lens.getFunction(name)(at, ...args(0)), name).to.deep.equal([])
    }
  })

  it('of full length stays far below what one call may use', async () => {
    const { lens, at, mesh, token } = await lensWorld()
    // the dearest entry is a provider: twenty more say what one costs
    for (let i = 0; i < 20; i++) {
      const owner = ethers.Wallet.createRandom(ethers.provider)
      await networkHelpers.setBalance(owner.address, 10n ** 18n)
      await token.transfer(owner.address, STAKE_WEI)
      await connect(token, owner).approve(at, STAKE_WEI)
      await connect(mesh, owner).deposit(STAKE_WEI)
      await connect(mesh, owner).registerProvider(owner.address, ZERO_HASH, '', STAKE_WEI)
    }
    const gasOf = (count: number) => lens.providers.estimateGas(at, 1, count)
    const each = ((await gasOf(25)) - (await gasOf(5))) / 20n
    expect(each * BigInt(MAX_PAGE)).to.be.lessThan(10_000_000n)
  })

  it('holds no storage and needs no constructor: one lens serves every mesh', async () => {
    const { lens, at } = await lensWorld()
    expect(lens.interface.deploy.inputs).to.deep.equal([])
    lens.interface.forEachFunction(({ constant }) => expect(constant).to.equal(true))
    await expect(lens.jobs(await lens.getAddress(), [ZERO_HASH])).to.be.revert(ethers)
    expect(await ethers.provider.getStorage(await lens.getAddress(), 0)).to.equal(ZERO_HASH)
    expect((await lens.providers(at, 1, 1)).length).to.equal(1)
  })
})
