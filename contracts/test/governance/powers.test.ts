import { expect } from 'chai'
import type { Interface } from 'ethers'
import { artifacts } from 'hardhat'
import { type Governance, hashed, loadGovernance, queued, TIMELOCK_SECONDS } from '../support/governance.ts'
import { connect, DEPOSIT_WEI, DUCK, ethers, time } from '../support/mesh.ts'
import { zeroOf } from '../support/zeros.ts'

/** Signatures of everything that can change something. */
function writesOf(contract: Interface): string[] {
  const writes: string[] = []
  contract.forEachFunction((found) => {
    if (!found.constant) writes.push(found.format())
  })
  return writes.sort()
}

/** What a call answers or is refused with, with the caller's address made anonymous. */
async function answerTo(from: string, to: string, data: string): Promise<string> {
  const answer = await ethers.provider
    .call({ from, to, data })
    .catch((error: { data?: string }) => error.data)
  return (answer ?? 'no data').toLowerCase().replaceAll(from.slice(2).toLowerCase(), 'caller')
}

async function pass(gov: Governance, target: string, data: string) {
  const { proposal } = await queued(gov, [{ target, data }])
  await time.increase(TIMELOCK_SECONDS)
  return gov.governor.execute(...hashed(proposal))
}

describe('What governance can do', () => {
  it('is four functions, none of which moves or takes money', async () => {
    const { params } = await loadGovernance()
    expect(writesOf(params.interface)).to.deep.equal([
      'freeze(uint32,address[])',
      'publish((uint16,uint16,uint32))',
      'setGuardian(address)',
      'unfreeze()',
    ])
    params.interface.forEachFunction(({ payable }) => expect(payable).to.equal(false))
    expect(params.interface.fallback).to.equal(null)
    expect(params.interface.receive).to.equal(false)
  })

  it('is said to one function of a mesh, which anybody can call', async () => {
    const { abi } = await artifacts.readArtifact('ISyncTerms')
    expect(writesOf(new ethers.Interface(abi))).to.deep.equal(['syncTerms()'])
  })

  it('is nothing at the mesh: the timelock, the governor and the parameters are strangers there', async () => {
    const { world, timelock, governor, params } = await loadGovernance()
    const { mesh, stranger } = world
    const to = await mesh.getAddress()
    const powers = await Promise.all([timelock, governor, params].map((contract) => contract.getAddress()))
    let compared = 0
    for (const fragment of writesOf(mesh.interface)) {
      const found = mesh.interface.getFunction(fragment)
      if (!found) continue
      const data = mesh.interface.encodeFunctionData(found, found.inputs.map(zeroOf))
      const ofStranger = await answerTo(stranger.address, to, data)
      for (const power of powers) expect(await answerTo(power, to, data), fragment).to.equal(ofStranger)
      compared++
    }
    expect(compared).to.be.greaterThan(25)
  })

  it('does not reach a deposit: a vote withdraws for the timelock, which owns nothing', async () => {
    const gov = await loadGovernance()
    const { mesh, requester } = gov.world
    const timelock = await gov.timelock.getAddress()
    const data = mesh.interface.encodeFunctionData('withdraw', [DUCK, timelock])
    await expect(pass(gov, await mesh.getAddress(), data))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(timelock, 0, DUCK)
    expect(await mesh.accountOf(requester.address)).to.equal(DEPOSIT_WEI)
  })

  it('does not reach a wallet, not even one that trusts the mesh with all its DUCK', async () => {
    const gov = await loadGovernance()
    const { token, mesh, requester } = gov.world
    await connect(token, requester).approve(await mesh.getAddress(), ethers.MaxUint256)
    const timelock = await gov.timelock.getAddress()
    const data = token.interface.encodeFunctionData('transferFrom', [requester.address, timelock, DUCK])
    await expect(pass(gov, await token.getAddress(), data))
      .to.be.revertedWithCustomError(token, 'ERC20InsufficientAllowance')
      .withArgs(timelock, 0, DUCK)
  })

  it('reaches what the timelock owns itself', async () => {
    const gov = await loadGovernance()
    const { token, stranger } = gov.world
    await connect(token, gov.voter).transfer(await gov.timelock.getAddress(), DUCK)
    const data = token.interface.encodeFunctionData('transfer', [stranger.address, DUCK])
    await pass(gov, await token.getAddress(), data)
    expect(await token.balanceOf(stranger.address)).to.equal(DUCK)
  })

  it('does not stop anybody from leaving: a withdrawal works during the longest freeze', async () => {
    const { params, guardian, world } = await loadGovernance()
    await connect(params, guardian).freeze(await params.MAX_FREEZE_SECONDS(), [])
    await connect(world.mesh, world.requester).withdraw(DEPOSIT_WEI, world.requester.address)
    expect(await world.mesh.accountOf(world.requester.address)).to.equal(0n)
  })

  it('fits under the code size limit of EIP-170', async () => {
    const { governor, timelock, params } = await loadGovernance()
    for (const contract of [governor, timelock, params]) {
      const bytes = (await ethers.provider.getCode(await contract.getAddress())).length / 2 - 1
      expect(bytes).to.be.lessThan(22_000)
    }
  })
})
