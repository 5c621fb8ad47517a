import { expect } from 'chai'
import { DUCK, deployMesh, ethers, loadWorld, PARAMS, SUPPLY_WEI, type Token } from '../support/mesh.ts'

describe('Deployment', () => {
  it('reports its parameters, token and signing domain', async () => {
    const { mesh, token, treasury, domain } = await loadWorld()
    expect(await mesh.token()).to.equal(await token.getAddress())
    expect((await mesh.params()).toObject()).to.deep.equal({
      treasury: treasury.address,
      feeBps: 250n,
      minStakeWei: 100n * DUCK,
      maxJobLifeSeconds: 86_400n,
      unbondSeconds: 604_800n,
    })
    const { name, version, chainId, verifyingContract } = await mesh.eip712Domain()
    expect({ name, version, chainId, verifyingContract }).to.deep.equal(domain)
  })

  const cases: [string, object, bigint][] = [
    ['treasury', { treasury: ethers.ZeroAddress }, 0n],
    ['feeBps', { feeBps: 1_001 }, 1_001n],
    ['minStakeWei', { minStakeWei: 0 }, 0n],
    ['minStakeWei', { minStakeWei: SUPPLY_WEI + 1n }, SUPPLY_WEI + 1n],
    ['maxJobLifeSeconds', { maxJobLifeSeconds: 59 }, 59n],
    ['maxJobLifeSeconds', { maxJobLifeSeconds: 90 * 86_400 + 1 }, 90n * 86_400n + 1n],
    ['unbondSeconds', { unbondSeconds: 2 * PARAMS.maxJobLifeSeconds - 1 }, 2n * 86_400n - 1n],
    ['unbondSeconds', { unbondSeconds: 365 * 86_400 + 1 }, 365n * 86_400n + 1n],
  ]
  for (const [key, override, value] of cases) {
    it(`refuses ${key} = ${value}`, async () => {
      const { mesh, token, treasury } = await loadWorld()
      await expect(deployMesh(token, { treasury: treasury.address, ...PARAMS, ...override }))
        .to.be.revertedWithCustomError(mesh, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String(key), value)
    })
  }

  it('accepts every bound itself', async () => {
    const { token, treasury } = await loadWorld()
    await deployMesh(token, {
      treasury: treasury.address,
      feeBps: 1_000,
      minStakeWei: 1,
      maxJobLifeSeconds: 90 * 86_400,
      unbondSeconds: 180 * 86_400,
    })
  })

  it('refuses a token without code', async () => {
    const { mesh, treasury, stranger } = await loadWorld()
    const noToken = { getAddress: async () => stranger.address } as unknown as Token
    await expect(
      deployMesh(noToken, { treasury: treasury.address, ...PARAMS }),
    ).to.be.revertedWithCustomError(mesh, 'OutOfBounds')
  })

  it('leaves room under the code size limit of EIP-170', async () => {
    const { mesh } = await loadWorld()
    const bytes = (await ethers.provider.getCode(await mesh.getAddress())).length / 2 - 1
    expect(bytes).to.be.lessThan(24_000)
  })
})
