import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { connect, DEPOSIT_WEI, DUCK, ethers, loadWorld, time } from '../support/mesh.ts'

const permitFields = fieldsOf('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline')
const authorizationFields = fieldsOf(
  'address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce',
)

function fieldsOf(list: string) {
  return list.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { type, name }
  })
}

/** The requester signs a permit and an ERC-3009 authorisation over 3 DUCK for the mesh. */
async function signedWorld() {
  const world = await loadWorld()
  const { token, mesh, requester } = world
  const meshAddress = await mesh.getAddress()
  const domain = { ...world.domain, verifyingContract: await token.getAddress() }
  const deadline = (await time.latest()) + 1_000
  await connect(token, requester).approve(meshAddress, 0)
  const permit = { owner: requester.address, spender: meshAddress, value: 3n * DUCK, nonce: 0, deadline }
  const { v, r, s } = ethers.Signature.from(
    await requester.signTypedData(domain, { Permit: permitFields }, permit),
  )
  const nonce = ethers.id('authorisation')
  const authorisation = [requester.address, meshAddress, 3n * DUCK, 0, deadline, nonce] as const
  const signature = await requester.signTypedData(
    domain,
    { ReceiveWithAuthorization: authorizationFields },
    {
      from: requester.address,
      to: meshAddress,
      value: 3n * DUCK,
      validAfter: 0,
      validBefore: deadline,
      nonce,
    },
  )
  return { world, deadline, v, r, s, authorisation, signature, nonce }
}

describe('Attack: front-running a permit', () => {
  it('by using the permit first does not stop the deposit', async () => {
    const { world, deadline, v, r, s } = await signedWorld()
    const { mesh, token, requester, challenger, domain } = world
    const args = [requester.address, domain.verifyingContract, 3n * DUCK, deadline, v, r, s] as const
    await connect(token, challenger).permit(...args)
    await connect(mesh, requester).depositWithPermit(3n * DUCK, deadline, v, r, s)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI + 3n * DUCK)
    await expectConserved(world)
  })

  it("gives the thief no deposit from another's allowance", async () => {
    const { world, deadline, v, r, s } = await signedWorld()
    const { mesh, token, requester, stranger } = world
    await expect(
      connect(mesh, stranger).depositWithPermit(3n * DUCK, deadline, v, r, s),
    ).to.be.revertedWithCustomError(token, 'ERC20InsufficientAllowance')
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })
})

describe('Attack: front-running an ERC-3009 deposit', () => {
  it('by bringing it to the mesh first credits the signer all the same', async () => {
    const { world, authorisation, signature } = await signedWorld()
    const { mesh, token, requester, challenger } = world
    const [from, , ...rest] = authorisation
    await connect(mesh, challenger).depositWithAuthorization(from, ...rest, signature)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI + 3n * DUCK)
    await expect(
      connect(mesh, requester).depositWithAuthorization(from, ...rest, signature),
    ).to.be.revertedWithCustomError(token, 'ERC3009UsedAuthorization')
    await expectConserved(world)
  })

  it('by bringing it to the token directly, to strand the tokens, is refused in both forms', async () => {
    const { world, authorisation, signature } = await signedWorld()
    const { token, challenger } = world
    const parts = '(address,address,uint256,uint256,uint256,bytes32,bytes)'
    const stranded = connect(token, challenger)
    await expect(
      stranded.getFunction(`receiveWithAuthorization${parts}`)(...authorisation, signature),
    ).to.be.revertedWithCustomError(token, 'ERC20InvalidReceiver')
    await expect(
      stranded.getFunction(`transferWithAuthorization${parts}`)(...authorisation, signature),
    ).to.be.revertedWithCustomError(token, 'ERC3009InvalidSignature')
  })

  it('with another amount or another signer is refused', async () => {
    const { world, authorisation, signature } = await signedWorld()
    const { mesh, token, challenger } = world
    const [from, , value, after, before, nonce] = authorisation
    const forged = [
      [from, value + 1n],
      [challenger.address, value],
    ] as const
    for (const [signer, amount] of forged) {
      await expect(
        mesh.depositWithAuthorization(signer, amount, after, before, nonce, signature),
      ).to.be.revertedWithCustomError(token, 'ERC3009InvalidSignature')
    }
  })
})
