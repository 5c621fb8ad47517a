import { expect } from 'chai'
import { connect, DUCK, ethers, loadWorld, SUPPLY_WEI, time } from '../support/mesh.ts'

const authorizationFields = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
]

async function tokenWorld() {
  const world = await loadWorld()
  const { chainId } = world.domain
  const domain = {
    name: 'DuckMesh',
    version: '1',
    chainId,
    verifyingContract: await world.token.getAddress(),
  }
  const message = {
    from: world.deployer.address,
    to: world.stranger.address,
    value: 5n * DUCK,
    validAfter: 0,
    validBefore: (await time.latest()) + 3_600,
    nonce: ethers.id('random nonce'),
  }
  return { ...world, tokenDomain: domain, message }
}

describe('DuckToken', () => {
  it('mints the fixed supply of 1e27 wei to one holder and has no way to mint more', async () => {
    const { token } = await loadWorld()
    expect(await token.totalSupply()).to.equal(SUPPLY_WEI)
    expect(await token.INITIAL_SUPPLY_WEI()).to.equal(SUPPLY_WEI)
    expect(await token.decimals()).to.equal(18n)
    expect([await token.name(), await token.symbol()]).to.deep.equal(['DuckMesh', 'DUCK'])
    const names = token.interface.fragments.map((fragment) => ('name' in fragment ? fragment.name : ''))
    for (const name of ['mint', 'owner', 'pause']) expect(names).to.not.include(name)
  })

  it('burns from the supply', async () => {
    const { token, deployer } = await loadWorld()
    await connect(token, deployer).burn(DUCK)
    expect(await token.totalSupply()).to.equal(SUPPLY_WEI - DUCK)
  })

  it('counts votes by unix seconds', async () => {
    const { token, requester } = await loadWorld()
    expect(await token.CLOCK_MODE()).to.equal('mode=timestamp')
    expect(await token.clock()).to.equal(BigInt(await time.latest()))
    await connect(token, requester).delegate(requester.address)
    expect(await token.getVotes(requester.address)).to.equal(await token.balanceOf(requester.address))
  })

  it('lets only the payee bring a signed authorization, once, with a random nonce', async () => {
    const { token, deployer, stranger, requester, tokenDomain, message } = await tokenWorld()
    const signature = await deployer.signTypedData(
      tokenDomain,
      { ReceiveWithAuthorization: authorizationFields },
      message,
    )
    const call = 'receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)'
    const args = [...Object.values(message), signature]
    await expect(connect(token, requester).getFunction(call)(...args))
      .to.be.revertedWithCustomError(token, 'ERC20InvalidReceiver')
      .withArgs(stranger.address)
    await connect(token, stranger).getFunction(call)(...args)
    expect(await token.balanceOf(stranger.address)).to.equal(5n * DUCK)
    expect(await token.authorizationState(deployer.address, message.nonce)).to.equal(true)
    await expect(connect(token, stranger).getFunction(call)(...args)).to.be.revertedWithCustomError(
      token,
      'ERC3009UsedAuthorization',
    )
  })

  it('transfers by a signed authorization that anybody brings, and refuses a forged one', async () => {
    const { token, deployer, stranger, requester, tokenDomain, message } = await tokenWorld()
    const types = { TransferWithAuthorization: authorizationFields }
    const call = 'transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)'
    const forged = await requester.signTypedData(tokenDomain, types, message)
    await expect(
      connect(token, requester).getFunction(call)(...Object.values(message), forged),
    ).to.be.revertedWithCustomError(token, 'ERC3009InvalidSignature')
    const signature = await deployer.signTypedData(tokenDomain, types, message)
    await connect(token, requester).getFunction(call)(...Object.values(message), signature)
    expect(await token.balanceOf(stranger.address)).to.equal(5n * DUCK)
  })
})
