import { expect } from 'chai'
import { concat, dataSlice } from 'ethers'
import { changed, prepared, THREE } from '../support/anchoring.ts'
import { expectConserved } from '../support/conservation.ts'
import { BOND_WEI, connect, ethers, loadWorld, PRICE_WEI, ZERO_HASH } from '../support/mesh.ts'
import { anchorArguments, redundantOrder, roundOf, seatSignatures } from '../support/redundant.ts'
import { types as structs } from '../support/typedData.ts'

describe('Seat commitments', () => {
  it('must be signed by the current key of the seat, for this assignment', async () => {
    const { world, mesh, round, args } = await prepared()
    const assignment = { ...round.assignment, round: 1 }
    const other = await seatSignatures(world, { ...round, assignment })
    const swapped = concat([dataSlice(args[5], 65, 130), dataSlice(args[5], 0, 65), dataSlice(args[5], 130)])
    for (const signatures of [other, swapped]) {
      await expect(mesh.anchorSeats(...changed(args, { 5: signatures })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(world.provider(0).key.address)
    }
  })

  it('must be the signed ones', async () => {
    const { world, mesh, round, args } = await prepared()
    const commitments = [round.commitments[0], round.commitments[1], ethers.id('other')]
    await expect(mesh.anchorSeats(...changed(args, { 4: commitments })))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.provider(2).key.address)
  })

  it('must not be zero', async () => {
    const { world, mesh, round } = await prepared()
    const commitments = [ZERO_HASH, ...round.commitments.slice(1)]
    const args = await anchorArguments(world, { ...round, commitments })
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'ZeroCommitment')
      .withArgs(1)
  })

  it('must be as many as the seats, and so must the signatures', async () => {
    const { mesh, round, args } = await prepared()
    await expect(mesh.anchorSeats(...changed(args, { 4: round.commitments.slice(1) })))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(2, 3)
    await expect(mesh.anchorSeats(...changed(args, { 5: dataSlice(args[5], 1) })))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(194, 195)
  })

  it('are refused with the malleable twin of a signature', async () => {
    const { world, mesh, args } = await prepared()
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const { r, s, v } = ethers.Signature.from(dataSlice(args[5], 0, 65))
    const twin = concat([r, ethers.toBeHex(order - BigInt(s), 32), ethers.toBeHex(v === 27 ? 28 : 27)])
    await expect(mesh.anchorSeats(...changed(args, { 5: concat([twin, dataSlice(args[5], 65)]) })))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.provider(0).key.address)
  })
})

describe('Order signatures', () => {
  it('must be those of the requester, over this chain and this contract', async () => {
    const { world, mesh, round, args } = await prepared()
    const { requester, stranger, domain } = world
    const types = { Order: structs.Order }
    const forged = [
      await world.signOrder(round.order, stranger),
      await requester.signTypedData({ ...domain, chainId: domain.chainId + 1n }, types, round.order),
      await requester.signTypedData({ ...domain, verifyingContract: stranger.address }, types, round.order),
      await world.signOrder({ ...round.order, priceWei: 1n }),
      '0x',
    ]
    for (const signature of forged) {
      await expect(mesh.anchorSeats(...changed(args, { 1: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(requester.address)
    }
  })

  it('may be those of a contract wallet, and hostile answers are contained', async () => {
    const world = await loadWorld()
    const { mesh, token, deployer, challenger } = world
    const wallet = await ethers.deployContract('ContractWallet', challenger)
    const walletAddress = await wallet.getAddress()
    const meshAddress = await mesh.getAddress()
    await connect(token, deployer).transfer(walletAddress, PRICE_WEI)
    const execute = wallet.getFunction('execute')
    await execute(token.getAddress(), token.interface.encodeFunctionData('approve', [meshAddress, PRICE_WEI]))
    await execute(meshAddress, mesh.interface.encodeFunctionData('deposit', [PRICE_WEI]))

    const round = roundOf(world, await redundantOrder(world, { requester: walletAddress }), THREE)
    const args = await anchorArguments(world, round)
    const refused = () =>
      expect(mesh.anchorSeats(...changed(args, { 1: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(walletAddress)
    let signature = await world.signOrder(round.order)
    await refused()
    signature = await world.signOrder(round.order, challenger)
    await wallet.getFunction('setBehaviour')(1)
    await refused()
    await wallet.getFunction('setBehaviour')(3)
    await refused()
    await wallet.getFunction('setBehaviour')(2)
    await mesh.anchorSeats(...changed(args, { 1: signature }))
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI }, [walletAddress])
  })

  it('cost a bounded amount of gas, whatever the wallet does', async () => {
    const harness = await ethers.deployContract('SignatureHarness')
    const wallet = await ethers.deployContract('ContractWallet')
    await wallet.getFunction('setBehaviour')(1)
    const sent = await harness.getFunction('check')(await wallet.getAddress(), ethers.id('digest'), '0x', {
      gasLimit: 3_000_000,
    })
    await expect(sent).to.emit(harness, 'Checked').withArgs(false)
    expect((await sent.wait()).gasUsed).to.be.lessThan(200_000n)
  })

  it('cannot exist for the zero address, which a malformed signature recovers to', async () => {
    const { mesh, args } = await prepared({ requester: ethers.ZeroAddress, priceWei: 0n })
    for (const signature of ['0x', ethers.dataSlice(args[1], 0, 64), `0x${'00'.repeat(65)}`]) {
      await expect(mesh.anchorSeats(...changed(args, { 1: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(ethers.ZeroAddress)
    }
  })

  it('stay ECDSA for an account that has code (EIP-7702)', async () => {
    const { world, mesh, args } = await prepared()
    const wallet = await ethers.deployContract('ContractWallet', world.stranger)
    const delegation = concat(['0xef0100', await wallet.getAddress()])
    await ethers.provider.send('hardhat_setCode', [world.requester.address, delegation])
    await expect(mesh.anchorSeats(...args)).to.emit(mesh, 'SeatsAnchored')
  })
})
