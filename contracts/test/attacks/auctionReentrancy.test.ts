import { expect } from 'chai'
import type { ReverseAuction, Terms } from '../support/auction.ts'
import { deployMesh, ethers, loadWorld, PARAMS, type Token, time } from '../support/mesh.ts'

const ENTRIES = [
  'openAuction',
  'commitBid',
  'revealBid',
  'closeAuction',
  'cancelAward',
  'settleBid',
  'reclaim',
] as const

/** Mesh and auction over a token that calls back; the deployer is buyer and provider 1. */
async function hostileAuction() {
  const { treasury, meshParams, deployer, stranger, orderOf } = await loadWorld()
  const token = await ethers.deployContract('HostileApprovingToken', deployer)
  const params = { treasury: treasury.address, meshParams, ...PARAMS, minStakeWei: 10n }
  const mesh = await deployMesh(token as unknown as Token, params)
  await mesh.deposit(1_000)
  await mesh.registerProvider(stranger.address, ethers.ZeroHash, '', 100)
  const deployed = await ethers.deployContract('ReverseAuction', [await mesh.getAddress()])
  const auction = deployed as unknown as ReverseAuction
  async function terms(): Promise<Terms> {
    const commitBy = (await time.latest()) + 100
    const requester = await auction.accountOf(deployer.address)
    const order = await orderOf({ requester, priceWei: 10n, bondWei: 0n, acceptBy: commitBy + 1_200 })
    return { order, commitBy, revealBy: commitBy + 400, closeBy: commitBy + 800 }
  }
  return { mesh, token, auction, terms, deployer }
}

describe('Attack: reentrancy into an auction', () => {
  it('through the token is refused at every entry, whatever moves', async () => {
    const { token, auction, terms, deployer } = await hostileAuction()
    const target = await auction.getAddress()
    const guard = auction.interface.getError('ReentrancyGuardReentrantCall')?.selector
    const blank = await terms()
    const blanks: Record<(typeof ENTRIES)[number], unknown[]> = {
      openAuction: [blank],
      commitBid: [blank, 1, ethers.ZeroHash],
      revealBid: [blank, 1, 0, ethers.ZeroHash],
      closeAuction: [blank],
      cancelAward: [blank],
      settleBid: [blank, 1],
      reclaim: [deployer.address],
    }
    for (const name of ENTRIES) {
      await token.getFunction('arm')(target, auction.interface.encodeFunctionData(name, blanks[name]))
      const round = await terms()
      await auction.openAuction(round)
      await auction.commitBid(round, 1, ethers.id('never revealed'))
      await time.increaseTo(round.revealBy + 1)
      await auction.closeAuction(round)
      await auction.settleBid(round, 1)
      await auction.reclaim(deployer.address)
      expect(await token.getFunction('lastError')(), name).to.equal(guard)
    }
    expect(await token.getFunction('accepted')()).to.equal(0n)
    expect(await token.getFunction('refused')()).to.equal(BigInt(ENTRIES.length * 5))
  })

  it('has one guarded entry for every function that changes state', async () => {
    const { auction } = await hostileAuction()
    const changing: string[] = []
    auction.interface.forEachFunction(({ name, stateMutability }) => {
      if (stateMutability !== 'view' && stateMutability !== 'pure') changing.push(name)
    })
    expect(changing.sort()).to.deep.equal([...ENTRIES].sort())
  })
})
