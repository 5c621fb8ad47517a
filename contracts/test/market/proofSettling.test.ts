import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { netOf } from '../support/fees.ts'
import {
  at,
  buildWorld,
  connect,
  DEPOSIT_WEI,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
} from '../support/mesh.ts'
import { HONEST, WRONG } from '../support/redundant.ts'
import { settle } from '../support/settling.ts'
import type { Order } from '../support/typedData.ts'
import { loadVerified, Mode, proofOf, routerOf, verifiedOrder } from '../support/verified.ts'

type Arguments = [Order, string, number, string, string]

/** A signed order with a proof of provider 1, not sent yet. */
async function proven(overrides: Partial<Order> = {}) {
  const verified = await loadVerified()
  const { world, mesh } = verified
  const order = await verifiedOrder(world, overrides)
  const args: Arguments = [order, await world.signOrder(order), 1, HONEST, await proofOf(verified, order)]
  const { key, owner } = world.provider(0)
  return {
    ...verified,
    mesh,
    order,
    jobId: world.jobIdOf(order),
    args,
    key,
    owner,
    byKey: connect(mesh, key),
  }
}

function changed(args: Arguments, changes: Record<number, unknown>): Arguments {
  return args.map((arg, i) => (i in changes ? changes[i] : arg)) as Arguments
}

describe('Settling an order by its proof', () => {
  for (const mode of [Mode.reference, Mode.attested, Mode.proof]) {
    it(`pays in one transaction in mode ${mode}`, async () => {
      const { world, mesh, byKey, order, jobId, args, owner } = await proven({ mode })
      await expect(byKey.settleProof(...args))
        .to.emit(mesh, 'ProofSettled')
        .withArgs(jobId, 1, PRICE_WEI, HONEST)
      expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - PRICE_WEI)
      expect(await world.freeOf(owner)).to.equal(DEPOSIT_WEI - STAKE_WEI + netOf(PRICE_WEI))
      expect((await mesh.jobOf(jobId)).status).to.equal(Status.none)
      expect(await mesh.nonceUsed(order.requester, order.nonce)).to.equal(true)
      await expectConserved(world)
    })
  }

  it('is for owner and key of the provider only', async () => {
    const { world, mesh, args, owner } = await proven()
    for (const caller of [world.stranger, world.requester, world.provider(1).key]) {
      await expect(connect(mesh, caller).settleProof(...args))
        .to.be.revertedWithCustomError(mesh, 'NotProvider')
        .withArgs(1, caller.address)
    }
    await connect(mesh, owner).settleProof(...args)
  })

  it('is possible up to acceptBy + execWindow, to the second', async () => {
    const { world, mesh, byKey, order, args, verifier } = await proven()
    const late = await verifiedOrder(world, { acceptBy: order.acceptBy })
    const lateArgs = changed(args, {
      0: late,
      1: await world.signOrder(late),
      4: await proofOf({ world, verifier }, late),
    })
    await at(order.acceptBy + EXEC_WINDOW)
    await byKey.settleProof(...args)
    await at(order.acceptBy + EXEC_WINDOW + 1)
    await expect(byKey.settleProof(...lateArgs))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(order.acceptBy + EXEC_WINDOW)
  })

  it('takes the largest acceptBy as no deadline', async () => {
    const { byKey, args } = await proven({ acceptBy: 2 ** 40 - 1 })
    await byKey.settleProof(...args)
  })

  it('serves the provider that the order names, or any', async () => {
    const named = await proven({ providerId: 1 })
    await named.byKey.settleProof(...named.args)
    const { mesh, byKey, args } = await proven({ providerId: 2 })
    await expect(byKey.settleProof(...args))
      .to.be.revertedWithCustomError(mesh, 'WrongProvider')
      .withArgs(1, 2)
  })

  it('refuses a wrong proof, and takes nothing', async () => {
    const { world, mesh, byKey, order, jobId, args } = await proven()
    for (const changes of [{ 4: '0x' }, { 4: ethers.id('noise') }, { 3: WRONG }]) {
      await expect(byKey.settleProof(...changed(args, changes)))
        .to.be.revertedWithCustomError(mesh, 'BadProof')
        .withArgs(jobId, 1)
    }
    expect(await mesh.nonceUsed(order.requester, order.nonce)).to.equal(false)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    await byKey.settleProof(...args)
  })

  it('refuses an order that the requester did not sign', async () => {
    const { world, mesh, byKey, order, args } = await proven()
    for (const signature of [await world.signOrder(order, world.stranger), '0x']) {
      await expect(byKey.settleProof(...changed(args, { 1: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(order.requester)
    }
  })

  it('goes to the verifier that the order names', async () => {
    const { verifier, byKey, order, args } = await proven({ policy: ethers.id('another policy') })
    const router = await routerOf(verifier)
    await expect(byKey.settleProof(...args))
      .to.be.revertedWithCustomError(router, 'VerifierUnknown')
      .withArgs(ethers.dataSlice(order.policy, 0, 4))
  })

  it('serves no mode without a verifier', async () => {
    for (const mode of [Mode.signed, Mode.redundant, 5]) {
      const { mesh, byKey, args } = await proven({ mode })
      await expect(byKey.settleProof(...args))
        .to.be.revertedWithCustomError(mesh, 'UnsupportedMode')
        .withArgs(mode)
    }
  })

  it('is refused by a mesh that asks no verifier', async () => {
    const world = await loadWorld()
    const order = await verifiedOrder(world)
    const byKey = connect(world.mesh, world.provider(0).key)
    await expect(byKey.settleProof(order, await world.signOrder(order), 1, HONEST, '0x'))
      .to.be.revertedWithCustomError(world.mesh, 'UnsupportedMode')
      .withArgs(Mode.proof)
  })

  it('needs an active provider', async () => {
    const { mesh, byKey, args, owner } = await proven()
    await connect(mesh, owner).startUnstake(1, STAKE_WEI)
    await expect(byKey.settleProof(...args))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(1)
  })

  it('needs the money to be there', async () => {
    const { mesh, byKey, order, args } = await proven({ priceWei: DEPOSIT_WEI + 1n })
    await expect(byKey.settleProof(...args))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(order.requester, DEPOSIT_WEI, DEPOSIT_WEI + 1n)
  })

  it('happens once, and not beside any other lane', async () => {
    const { world, mesh, byKey, order, args, key } = await proven()
    const used = [order.requester, order.nonce] as const
    await byKey.settleProof(...args)
    await expect(byKey.settleProof(...args))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(...used)
    await expect(connect(mesh, world.requester).postJob(order))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(...used)
    const other = await proven()
    await connect(other.mesh, other.world.requester).postJob(other.order)
    await connect(other.mesh, key).acceptJob(other.order, 1)
    await expect(other.byKey.settleProof(...other.args)).to.be.revertedWithCustomError(
      other.mesh,
      'NonceUsed',
    )
    await settle(other.world, await other.world.orderOf())
  })

  it('serves the order of a contract wallet', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const { token, requester } = world
    const wallet = await ethers.deployContract('ContractWallet', [], requester)
    const address = await wallet.getAddress()
    await token.transfer(address, PRICE_WEI)
    const [execute, target] = [wallet.getFunction('execute'), await mesh.getAddress()]
    await execute(
      await token.getAddress(),
      token.interface.encodeFunctionData('approve', [target, PRICE_WEI]),
    )
    await execute(target, mesh.interface.encodeFunctionData('deposit', [PRICE_WEI]))
    const order = await verifiedOrder(world, { requester: address })
    const proof = await proofOf(verified, order)
    const byKey = connect(mesh, world.provider(0).key)
    await byKey.settleProof(order, await world.signOrder(order), 1, HONEST, proof)
    expect(await mesh.accountOf(address)).to.equal(0n)
    await expectConserved(world, {}, [address])
  })
})

describe('A hostile verifier', () => {
  it('cannot enter the mesh while it is asked', async () => {
    const verifier = await ethers.deployContract('HostileAgentVerifier')
    const world = await buildWorld({ agentVerifier: await verifier.getAddress() })
    const { mesh, requester } = world
    const order = await verifiedOrder(world)
    // open to anybody, so nothing but the guard refuses it
    await verifier.getFunction('arm')(mesh.interface.encodeFunctionData('collectFees', [[1]]))
    const byKey = connect(mesh, world.provider(0).key)
    await byKey.settleProof(order, await world.signOrder(order), 1, HONEST, '0x')
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    await expectConserved(world)
  })
})
