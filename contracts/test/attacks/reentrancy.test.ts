import { expect } from 'chai'
import type { ParamType } from 'ethers'
import { connect, deployMesh, ethers, loadWorld, PARAMS, paramsOf, type Token } from '../support/mesh.ts'
import { anchorArguments, redundantOrder, roundOf } from '../support/redundant.ts'
import { AGREED } from './scenario.ts'

/** A valid encoding of nothing, so that a call gets as far as the guard. */
function blankOf(type: ParamType): unknown {
  if (type.isArray()) return []
  if (type.isTuple()) return type.components.map(blankOf)
  if (type.baseType === 'address') return ethers.ZeroAddress
  if (type.baseType === 'string') return ''
  if (type.baseType === 'bytes') return '0x'
  if (type.baseType.startsWith('bytes')) return ethers.ZeroHash
  return 0
}

/** Mesh over a token that calls back, with 1,000 wei of the deployer inside. */
async function hostileMesh() {
  const world = await loadWorld()
  const { deployer, stranger } = world
  const token = await ethers.deployContract('CallbackToken', deployer)
  const params = { ...paramsOf(world), minStakeWei: 10n }
  const mesh = await deployMesh(token as unknown as Token, params)
  await connect(mesh, deployer).deposit(1_000)
  const entries: { name: string; data: string }[] = []
  mesh.interface.forEachFunction((entry) => {
    if (entry.stateMutability === 'view' || entry.stateMutability === 'pure') return
    const data = mesh.interface.encodeFunctionData(entry, entry.inputs.map(blankOf))
    entries.push({ name: entry.name, data })
  })
  return { mesh: connect(mesh, deployer), token, entries, deployer, stranger }
}

describe('Attack: reentrancy', () => {
  it('through a token is refused at every state-changing entry, whatever moves', async () => {
    const { mesh, token, entries, deployer, stranger } = await hostileMesh()
    const target = await mesh.getAddress()
    const guard = mesh.interface.getError('ReentrancyGuardReentrantCall')?.selector
    expect(entries.length).to.be.greaterThan(20)
    let refused = 0n
    for (const { name, data } of entries) {
      await token.getFunction('arm')(target, data)
      await mesh.deposit(7)
      await mesh.withdraw(7, stranger.address)
      await mesh.depositWithPermit(7, 0, 27, ethers.ZeroHash, ethers.ZeroHash)
      await mesh.depositWithAuthorization(deployer.address, 7, 0, 0, ethers.ZeroHash, '0x')
      refused += 5n // depositWithPermit is called back twice, by permit and by transferFrom
      expect(await token.getFunction('refused')(), name).to.equal(refused)
      expect(await token.getFunction('lastError')(), name).to.equal(guard)
    }
    expect(await token.getFunction('accepted')()).to.equal(0n)
  })

  it('through a token cannot take the same stake out twice', async () => {
    const { mesh, token, stranger } = await hostileMesh()
    await mesh.registerProvider(stranger.address, ethers.ZeroHash, '', 100)
    await mesh.startUnstake(1, 100)
    await ethers.provider.send('evm_increaseTime', [PARAMS.unbondSeconds])
    const again = mesh.interface.encodeFunctionData('finishUnstake', [1, stranger.address])
    await token.getFunction('arm')(await mesh.getAddress(), again)
    await mesh.finishUnstake(1, stranger.address)
    expect(await token.getFunction('balanceOf')(stranger.address)).to.equal(100n)
    expect(await token.getFunction('balanceOf')(await mesh.getAddress())).to.equal(900n)
  })

  it('through an ERC-1271 wallet is refused while its order is checked', async () => {
    const world = await loadWorld()
    const { mesh, token, deployer, stranger } = world
    const wallet = await ethers.deployContract('AttackWallet', stranger)
    const walletAddress = await wallet.getAddress()
    const target = await mesh.getAddress()
    await connect(token, deployer).transfer(walletAddress, 100)
    const execute = wallet.getFunction('execute')
    await execute(token.getAddress(), token.interface.encodeFunctionData('approve', [target, 100]))
    await execute(target, mesh.interface.encodeFunctionData('deposit', [100]))
    const withdrawAll = mesh.interface.encodeFunctionData('withdraw', [100, walletAddress])
    await wallet.getFunction('arm')(target, withdrawAll)

    const order = await redundantOrder(world, { requester: walletAddress, priceWei: 100n })
    const round = roundOf(world, order, AGREED)
    // The wallet says yes only if its withdrawal in the middle of the call was refused.
    await expect(mesh.anchorSeats(...(await anchorArguments(world, round)))).to.emit(mesh, 'SeatsAnchored')
    expect(await mesh.accountOf(walletAddress)).to.equal(0n)
    expect(await token.balanceOf(walletAddress)).to.equal(0n)
  })
})
