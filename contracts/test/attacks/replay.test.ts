import { expect } from 'chai'
import { network } from 'hardhat'
import { auctionOrder, FOUR_BIDS, packBids, signResult } from '../support/auctionLane.ts'
import { expectConserved } from '../support/conservation.ts'
import {
  connect,
  deployMesh,
  deployToken,
  ethers,
  loadWorld,
  type Mesh,
  NOTICE_SECONDS,
  PARAMS,
  paramsOf,
  TERMS,
} from '../support/mesh.ts'
import {
  anchor,
  anchorArguments,
  assignmentHashOf,
  HONEST,
  open,
  roundOf,
  settleSeatsArguments,
  signAssignment,
} from '../support/redundant.ts'
import { signStruct } from '../support/typedData.ts'
import { AGREED, anchored, drawn, passReveal } from './scenario.ts'

/** Nonce with which an account creates a contract at an address. */
function nonceOf(from: string, address: string): string {
  for (let nonce = 0; nonce < 1_000; nonce++) {
    if (ethers.getCreateAddress({ from, nonce }) === address) return ethers.toQuantity(nonce)
  }
  throw new Error(`${from} did not create ${address}`)
}

describe('Attack: replay', () => {
  it('in another deployment on the same chain is refused', async () => {
    const { world, mesh, round } = await drawn()
    const other = await deployMesh(world.token, paramsOf(world))
    const args = await anchorArguments(world, round)
    const jobId = await other.jobIdOf(round.order)
    expect(jobId).to.not.equal(await mesh.jobIdOf(round.order))
    await expect(other.anchorSeats(...args)).to.be.revertedWithCustomError(other, 'WrongJob')
    const forged = { ...round.assignment, jobId }
    await expect(
      other.anchorSeats(args[0], args[1], forged, args[3], args[4], args[5]),
    ).to.be.revertedWithCustomError(other, 'BadSignature')
  })

  it('on another chain, even at the same address, is refused', async () => {
    const { world, round } = await drawn()
    const args = await anchorArguments(world, round)
    const twin = await network.create({ override: { chainId: 4_242 } })
    const [deployer] = await twin.ethers.getSigners()
    if (!deployer) throw new Error('The test network has too few accounts')
    expect(deployer.address).to.equal(world.deployer.address)
    const token = await twin.ethers.deployContract('DuckToken', [deployer.address])
    const terms = [deployer.address, deployer.address, NOTICE_SECONDS, TERMS]
    const meshParams = await twin.ethers.deployContract('MeshParams', terms)
    const params = { treasury: world.treasury.address, meshParams, ...PARAMS }
    const accounts = await twin.ethers.deployContract('DuckMeshAccounts', [token, params])
    const jobs = await twin.ethers.deployContract('DuckMeshJobs', [token, params, accounts])
    const address = world.domain.verifyingContract
    await twin.ethers.provider.send('hardhat_setNonce', [
      deployer.address,
      nonceOf(deployer.address, address),
    ])
    const core = await twin.ethers.deployContract('DuckMesh', [token, params, jobs])
    const mesh = world.mesh.attach(await core.getAddress()).connect(deployer) as Mesh
    expect(await mesh.getAddress()).to.equal(world.domain.verifyingContract)
    const jobId: string = await mesh.jobIdOf(round.order)
    expect(jobId).to.not.equal(round.jobId)
    const call = mesh.anchorSeats
    await expect(call(...args)).to.be.revertedWithCustomError(mesh, 'WrongJob')
    await expect(
      call(args[0], args[1], { ...round.assignment, jobId }, args[3], args[4], args[5]),
    ).to.be.revertedWithCustomError(mesh, 'BadSignature')
    await twin.close()
  })

  it('of a settled order is refused, with fresh seats and a fresh assignment too', async () => {
    const { world, mesh, order, round } = await anchored()
    await open(world, round)
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'BadState')
    const again = roundOf(world, order, AGREED, { ids: [4, 5, 6] })
    await expect(anchor(world, again)).to.be.revertedWithCustomError(mesh, 'BadState')
    await expectConserved(world)
  })

  it('through the other lane is refused: one nonce, one job', async () => {
    const { world, mesh, order, round } = await drawn()
    await anchor(world, round)
    const twin = { ...order, mode: 0 }
    await expect(connect(mesh, world.requester).postJob(twin))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(world.requester.address, order.nonce)
  })

  it('of the first round in the second is refused: assignment, commitments and openings', async () => {
    const { world, mesh, order, round } = await anchored()
    await passReveal()
    await open(world, round, [])
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'WrongRound').withArgs(0, 1)
    const second = roundOf(world, order, AGREED, { round: 1 })
    const stale = { ...second, commitments: round.commitments }
    await anchor(world, stale)
    await expect(open(world, { ...stale, salts: round.salts })).to.be.revertedWithCustomError(
      mesh,
      'BadOpening',
    )
  })

  it('of a signature under another struct is refused', async () => {
    const { world, mesh, round } = await drawn()
    const args = await anchorArguments(world, round)
    const asCommit = await signStruct(world.coordinator, world.domain, 'SeatCommit', {
      assignmentHash: assignmentHashOf(round),
      providerId: 1,
      commitment: round.commitments[0],
    })
    await expect(
      mesh.anchorSeats(args[0], args[1], args[2], asCommit, args[4], args[5]),
    ).to.be.revertedWithCustomError(mesh, 'BadSignature')
    const crossed = [args[3], args[1]] as const
    await expect(
      mesh.anchorSeats(args[0], crossed[0], args[2], crossed[1], args[4], args[5]),
    ).to.be.revertedWithCustomError(mesh, 'BadSignature')
  })

  it('of a key rotation is refused after the next one', async () => {
    const { mesh, domain, stranger, challenger, ...world } = await loadWorld()
    const { owner } = world.provider(0)
    const first = { providerId: 1, newKey: stranger.address, keyEpoch: 1 }
    const proof = await signStruct(stranger, domain, 'KeyRotation', first)
    await connect(mesh, owner).rotateKey(1, stranger.address, proof)
    const second = { providerId: 1, newKey: challenger.address, keyEpoch: 2 }
    await connect(mesh, owner).rotateKey(
      1,
      challenger.address,
      await signStruct(challenger, domain, 'KeyRotation', second),
    )
    await expect(connect(mesh, owner).rotateKey(1, stranger.address, proof)).to.be.revertedWithCustomError(
      mesh,
      'BadSignature',
    )
  })

  it('of a deposit authorisation for one mesh is refused at another', async () => {
    const world = await loadWorld()
    const { deployer } = world
    const token = await deployToken(deployer)
    const params = paramsOf(world)
    const [first, second] = [await deployMesh(token, params), await deployMesh(token, params)]
    const { chainId } = await ethers.provider.getNetwork()
    const nonce = ethers.id('authorisation')
    const fields =
      'address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce'
    const types = fields.split(',').map((field) => {
      const [type = '', name = ''] = field.split(' ')
      return { type, name }
    })
    const validBefore = 2n ** 40n
    const signature = await deployer.signTypedData(
      { name: 'DuckMesh', version: '1', chainId, verifyingContract: await token.getAddress() },
      { ReceiveWithAuthorization: types },
      { from: deployer.address, to: await first.getAddress(), value: 5, validAfter: 0, validBefore, nonce },
    )
    await expect(
      second.depositWithAuthorization(deployer.address, 5, 0, validBefore, nonce, signature),
    ).to.be.revertedWithCustomError(token, 'ERC3009InvalidSignature')
    await first.depositWithAuthorization(deployer.address, 5, 0, validBefore, nonce, signature)
    expect(await first.accountOf(deployer.address)).to.equal(5n)
  })

  it("of a coordinator's signature under another struct is refused: assignment and auction result", async () => {
    const { world, mesh, order, round } = await drawn()
    const args = await settleSeatsArguments(world, round)
    const bids = packBids(FOUR_BIDS)
    args[3] = await signResult(world, order, bids)
    await expect(mesh.settleSeats(...args)).to.be.revertedWithCustomError(mesh, 'BadSignature')
    const signed = await auctionOrder(world)
    const asAssignment = await signAssignment(world, round.assignment)
    await expect(
      connect(mesh, world.provider(2).key).settleAuction(
        signed,
        await world.signOrder(signed),
        bids,
        asAssignment,
        HONEST,
      ),
    ).to.be.revertedWithCustomError(mesh, 'BadSignature')
  })

  it('of commitments as reveals, and of reveals as commitments, is refused', async () => {
    const { world, mesh, round } = await drawn()
    const short = await settleSeatsArguments(world, round)
    const long = await anchorArguments(world, round)
    const [commits, reveals] = [long[5], short[6]]
    short[6] = commits
    long[5] = reveals
    await expect(mesh.settleSeats(...short)).to.be.revertedWithCustomError(mesh, 'BadSignature')
    await expect(mesh.anchorSeats(...long)).to.be.revertedWithCustomError(mesh, 'BadSignature')
  })
})
