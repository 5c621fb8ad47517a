import { expect } from 'chai'
import { deploySettler, EPOCH_PARAMS, EXIT_DELAY, loadEpochWorld } from '../support/epochs.ts'
import { DUCK, ethers, SUPPLY_WEI } from '../support/mesh.ts'

describe('EpochSettler: deployment', () => {
  const edges: [key: string, good: bigint | number, bad: bigint | number][] = [
    ['challengeWindowSeconds', 600, 599],
    ['challengeWindowSeconds', 30 * 86_400, 30 * 86_400 + 1],
    ['answerWindowSeconds', 600, 599],
    ['answerWindowSeconds', 30 * 86_400, 30 * 86_400 + 1],
    ['cadenceSeconds', 600, 599],
    ['cadenceSeconds', 30 * 86_400, 30 * 86_400 + 1],
    ['bondBps', 1_000, 999],
    ['bondBps', 50_000, 50_001],
    ['minEpochBondWei', 4n * DUCK, 4n * DUCK - 1n],
    ['minEpochBondWei', SUPPLY_WEI, SUPPLY_WEI + 1n],
    ['challengeDepositWei', 1n, 0n],
  ]
  for (const [key, good, bad] of edges) {
    it(`takes ${key} = ${good} and refuses ${bad}`, async () => {
      const { settler, token, terms } = await loadEpochWorld()
      await deploySettler(token, terms, { ...EPOCH_PARAMS, [key]: good })
      await expect(deploySettler(token, terms, { ...EPOCH_PARAMS, [key]: bad }))
        .to.be.revertedWithCustomError(settler, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String(key), bad)
    })
  }

  for (const key of ['token', 'mesh']) {
    it(`refuses a ${key} without code`, async () => {
      const { settler, token, terms, stranger } = await loadEpochWorld()
      const deployed = key === 'token' ? deploySettler(stranger, terms) : deploySettler(token, stranger)
      await expect(deployed)
        .to.be.revertedWithCustomError(settler, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String(key), stranger.address)
    })
  }

  it('says what it was built with', async () => {
    const { settler } = await loadEpochWorld()
    expect((await settler.params()).toObject()).to.deep.equal(
      Object.fromEntries(Object.entries(EPOCH_PARAMS).map(([key, value]) => [key, BigInt(value)])),
    )
    expect(await settler.exitDelaySeconds()).to.equal(EXIT_DELAY)
  })

  it('fits well under the size limit of a contract', async () => {
    const { settlerAddress } = await loadEpochWorld()
    expect((await ethers.provider.getCode(settlerAddress)).length / 2 - 1).to.be.below(22_528)
  })
})
