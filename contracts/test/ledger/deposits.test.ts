import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  connect,
  DEPOSIT_WEI,
  DUCK,
  deployMesh,
  ethers,
  loadWorld,
  paramsOf,
  type Token,
  time,
} from '../support/mesh.ts'

const permitFields = [
  { name: 'owner', type: 'address' },
  { name: 'spender', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'nonce', type: 'uint256' },
  { name: 'deadline', type: 'uint256' },
]
const receiveFields = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
]

/** The stranger holds tokens, approved nothing, and signed a permit for the mesh. */
async function permitWorld() {
  const world = await loadWorld()
  const { token, mesh, deployer, stranger } = world
  await connect(token, deployer).transfer(stranger.address, 10n * DUCK)
  const meshAddress = await mesh.getAddress()
  const { chainId } = world.domain
  const tokenDomain = { name: 'DuckMesh', version: '1', chainId, verifyingContract: await token.getAddress() }
  const deadline = (await time.latest()) + 1_000
  const permit = { owner: stranger.address, spender: meshAddress, value: 4n * DUCK, nonce: 0, deadline }
  const { v, r, s } = ethers.Signature.from(
    await stranger.signTypedData(tokenDomain, { Permit: permitFields }, permit),
  )
  return { ...world, meshAddress, tokenDomain, deadline, v, r, s }
}

describe('Ledger deposits', () => {
  it('credits an approved deposit to the caller', async () => {
    const world = await loadWorld()
    await expect(connect(world.mesh, world.requester).deposit(DUCK))
      .to.emit(world.mesh, 'Deposited')
      .withArgs(world.requester.address, DUCK)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI + DUCK)
    await expectConserved(world)
  })

  it('refuses a deposit of nothing', async () => {
    const { mesh, requester } = await loadWorld()
    await expect(connect(mesh, requester).deposit(0)).to.be.revertedWithCustomError(mesh, 'ZeroAmount')
  })

  it('refuses a deposit that was not approved', async () => {
    const { mesh, token, stranger } = await loadWorld()
    await expect(connect(mesh, stranger).deposit(1)).to.be.revertedWithCustomError(
      token,
      'ERC20InsufficientAllowance',
    )
  })

  it('deposits with a permit in one transaction', async () => {
    const world = await permitWorld()
    const { mesh, stranger, deadline, v, r, s } = world
    await connect(mesh, stranger).depositWithPermit(4n * DUCK, deadline, v, r, s)
    expect(await world.freeOf(stranger)).to.equal(4n * DUCK)
    await expectConserved(world)
  })

  it('deposits although somebody else used the permit first', async () => {
    const world = await permitWorld()
    const { mesh, token, stranger, requester, meshAddress, deadline, v, r, s } = world
    await connect(token, requester).permit(stranger.address, meshAddress, 4n * DUCK, deadline, v, r, s)
    await connect(mesh, stranger).depositWithPermit(4n * DUCK, deadline, v, r, s)
    expect(await world.freeOf(stranger)).to.equal(4n * DUCK)
  })

  it('deposits nothing when the permit does not cover the amount', async () => {
    const { mesh, token, stranger, deadline, v, r, s } = await permitWorld()
    await expect(
      connect(mesh, stranger).depositWithPermit(5n * DUCK, deadline, v, r, s),
    ).to.be.revertedWithCustomError(token, 'ERC20InsufficientAllowance')
  })

  it('credits a signed authorization to its signer, whoever brings it, once', async () => {
    const world = await permitWorld()
    const { mesh, token, stranger, requester, meshAddress, tokenDomain } = world
    const message = {
      from: stranger.address,
      to: meshAddress,
      value: 3n * DUCK,
      validAfter: 0,
      validBefore: (await time.latest()) + 1_000,
      nonce: ethers.id('authorization'),
    }
    const signature = await stranger.signTypedData(
      tokenDomain,
      { ReceiveWithAuthorization: receiveFields },
      message,
    )
    const { from, value, validAfter, validBefore, nonce } = message
    const bring = () =>
      connect(mesh, requester).depositWithAuthorization(
        from,
        value,
        validAfter,
        validBefore,
        nonce,
        signature,
      )
    await expect(bring()).to.emit(mesh, 'Deposited').withArgs(stranger.address, value)
    expect(await world.freeOf(stranger)).to.equal(value)
    await expect(bring()).to.be.revertedWithCustomError(token, 'ERC3009UsedAuthorization')
    await expectConserved(world)
  })

  it('refuses a token that moves another amount, and one that calls back', async () => {
    const params = paramsOf(await loadWorld())
    const hostile = await ethers.deployContract('HostileToken')
    const mesh = await deployMesh(hostile as unknown as Token, params)
    await expect(mesh.deposit(100)).to.be.revertedWithCustomError(mesh, 'DepositMismatch').withArgs(99, 100)
    await hostile.getFunction('setReenters')(true)
    await expect(mesh.deposit(100)).to.be.revertedWithCustomError(mesh, 'ReentrancyGuardReentrantCall')
  })
})
