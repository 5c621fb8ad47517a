import { expect } from 'chai'
import {
  DUCK,
  deployMesh,
  ethers,
  loadWorld,
  PARAMS,
  paramsOf,
  SUPPLY_WEI,
  TERMS,
  type Token,
} from '../support/mesh.ts'

describe('Deployment', () => {
  it('reports its parameters, token and signing domain', async () => {
    const { mesh, meshParams, token, treasury, domain } = await loadWorld()
    expect(await mesh.token()).to.equal(await token.getAddress())
    expect((await mesh.params()).toObject()).to.deep.equal({
      treasury: treasury.address,
      minStakeWei: 100n * DUCK,
      maxJobLifeSeconds: 86_400n,
      unbondSeconds: 604_800n,
      meshParams: await meshParams.getAddress(),
      agentVerifier: ethers.ZeroAddress,
    })
    const { name, version, chainId, verifyingContract } = await mesh.eip712Domain()
    expect({ name, version, chainId, verifyingContract }).to.deep.equal(domain)
  })

  const cases: [string, object, bigint][] = [
    ['treasury', { treasury: ethers.ZeroAddress }, 0n],
    ['minStakeWei', { minStakeWei: 0 }, 0n],
    ['minStakeWei', { minStakeWei: SUPPLY_WEI + 1n }, SUPPLY_WEI + 1n],
    ['maxJobLifeSeconds', { maxJobLifeSeconds: 59 }, 59n],
    ['maxJobLifeSeconds', { maxJobLifeSeconds: 90 * 86_400 + 1 }, 90n * 86_400n + 1n],
    ['unbondSeconds', { unbondSeconds: 2 * PARAMS.maxJobLifeSeconds - 1 }, 2n * 86_400n - 1n],
    ['unbondSeconds', { unbondSeconds: 365 * 86_400 + 1 }, 365n * 86_400n + 1n],
  ]
  for (const [key, override, value] of cases) {
    it(`refuses ${key} = ${value}`, async () => {
      const world = await loadWorld()
      await expect(deployMesh(world.token, { ...paramsOf(world), ...override }))
        .to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String(key), value)
    })
  }

  it('accepts every bound itself', async () => {
    const world = await loadWorld()
    const days = 86_400
    const least = { minStakeWei: 1, maxJobLifeSeconds: 60, unbondSeconds: 120 }
    const most = { minStakeWei: SUPPLY_WEI, maxJobLifeSeconds: 90 * days, unbondSeconds: 365 * days }
    for (const bounds of [least, most]) await deployMesh(world.token, { ...paramsOf(world), ...bounds })
  })

  it('refuses an agent verifier without a router: its late jobs could never be closed', async () => {
    const world = await loadWorld()
    for (const agentVerifier of [await world.token.getAddress(), world.stranger.address]) {
      await expect(deployMesh(world.token, { ...paramsOf(world), agentVerifier })).to.be.revert(ethers)
    }
  })

  it('refuses governance that publishes terms out of bounds, or that has no code', async () => {
    const world = await loadWorld()
    const hostile = await ethers.deployContract('HostileParams', [{ ...TERMS, feeBps: 1_001 }])
    const meshParams = await hostile.getAddress()
    await expect(deployMesh(world.token, { ...paramsOf(world), meshParams }))
      .to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
      .withArgs(ethers.encodeBytes32String('feeBps'), 1_001)
    const nobody = { ...paramsOf(world), meshParams: world.stranger.address }
    await expect(deployMesh(world.token, nobody)).to.be.revert(ethers)
  })

  it('refuses a token without code', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const noToken = { getAddress: async () => stranger.address } as unknown as Token
    await expect(deployMesh(noToken, paramsOf(world))).to.be.revertedWithCustomError(mesh, 'OutOfBounds')
  })
})
