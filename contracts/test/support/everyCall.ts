import { auctionOrder, settleAuction } from './auctionLane.ts'
import { claim, claimOf, configOf, opened, WITHDRAW_DELAY } from './channels.ts'
import { falseClaim } from './falseProof.ts'
import {
  at,
  connect,
  DISPUTE_WINDOW,
  DUCK,
  EXEC_WINDOW,
  ethers,
  NOTICE_SECONDS,
  PARAMS,
  STAKE_WEI,
  TERMS,
  time,
  type World,
} from './mesh.ts'
import {
  anchor,
  assignmentHashOf,
  commitSeat,
  HONEST,
  open,
  openSeat,
  redundantOrder,
  roundOf,
  settleSeats,
  WRONG,
} from './redundant.ts'
import { itemOf, receiptOf, settle, settlePacked, signReceipt } from './settling.ts'
import { accepted, post, submitted } from './signedLane.ts'
import { streamContradiction } from './streamContradiction.ts'
import { signStruct } from './typedData.ts'
import { proofOf, type VerifiedWorld, verifiedOrder, working } from './verified.ts'

/** A call that succeeds. */
export type Act = () => Promise<unknown>
/** Brings about all that the call needs. */
export type Scenario = (verified: VerifiedWorld) => Promise<Act>

const agreed = async (world: World) => roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])

async function anchored(world: World) {
  const round = await agreed(world)
  await anchor(world, round)
  return round
}

/** Calls that begin new work, which a freeze stops. */
export const newWork: Record<string, Scenario> = {
  postJob: async ({ world }) => {
    const order = await world.orderOf()
    return () => connect(world.mesh, world.requester).postJob(order)
  },
  openChannel: async ({ world }) => {
    return () => connect(world.mesh, world.requester).openChannel(configOf(world), DUCK)
  },
  registerProvider: async ({ world: { mesh, challenger, stranger } }) => {
    return () => connect(mesh, challenger).registerProvider(stranger.address, ethers.ZeroHash, '', STAKE_WEI)
  },
}

/** All other state-changing calls of the mesh. */
export const otherCalls: Record<string, Scenario> = {
  deposit:
    async ({ world }) =>
    () =>
      connect(world.mesh, world.requester).deposit(1),
  withdraw: async ({ world: { mesh, requester } }) => {
    return () => connect(mesh, requester).withdraw(1, requester.address)
  },
  depositWithPermit: async ({ world: { mesh, requester } }) => {
    // the allowance is there; the permit may be anything
    return () => connect(mesh, requester).depositWithPermit(1, 0, 27, ethers.ZeroHash, ethers.ZeroHash)
  },
  depositWithAuthorization: async ({ world: { mesh, token, deployer, domain } }) => {
    const message = {
      from: deployer.address,
      to: await mesh.getAddress(),
      value: 1,
      validAfter: 0,
      validBefore: 2n ** 40n,
      nonce: ethers.id('nonce'),
    }
    const type = Object.entries({
      from: 'address',
      to: 'address',
      value: 'uint256',
      validAfter: 'uint256',
      validBefore: 'uint256',
      nonce: 'bytes32',
    }).map(([name, type]) => ({ name, type }))
    const tokenDomain = { ...domain, verifyingContract: await token.getAddress() }
    const signature = await deployer.signTypedData(tokenDomain, { ReceiveWithAuthorization: type }, message)
    const { from, value, validAfter, validBefore, nonce } = message
    return () => mesh.depositWithAuthorization(from, value, validAfter, validBefore, nonce, signature)
  },
  invalidateNonces:
    async ({ world }) =>
    () =>
      connect(world.mesh, world.requester).invalidateNonces(9, 1),
  syncTerms:
    async ({ world }) =>
    () =>
      world.mesh.syncTerms(),
  adoptTerms: async ({ world }) => {
    await connect(world.meshParams, world.deployer).publish({ ...TERMS, feeBps: 1 })
    await time.increase(NOTICE_SECONDS)
    return () => connect(world.mesh, world.provider(0).key).adoptTerms(1)
  },
  collectFees: async ({ world }) => {
    await settle(world, await world.orderOf())
    return () => world.mesh.collectFees([1])
  },
  stake:
    async ({ world }) =>
    () =>
      connect(world.mesh, world.provider(0).owner).stake(1, 1),
  startUnstake:
    async ({ world }) =>
    () =>
      connect(world.mesh, world.provider(0).owner).startUnstake(1, 1),
  cancelUnstake: async ({ world }) => {
    const byOwner = connect(world.mesh, world.provider(0).owner)
    await byOwner.startUnstake(1, STAKE_WEI)
    return () => byOwner.cancelUnstake(1)
  },
  finishUnstake: async ({ world }) => {
    const { owner } = world.provider(0)
    await connect(world.mesh, owner).startUnstake(1, STAKE_WEI)
    await time.increase(PARAMS.unbondSeconds)
    return () => connect(world.mesh, owner).finishUnstake(1, owner.address)
  },
  rotateKey: async ({ world: { mesh, domain, stranger, provider } }) => {
    const rotation = { providerId: 1, newKey: stranger.address, keyEpoch: 1 }
    const proof = await signStruct(stranger, domain, 'KeyRotation', rotation)
    return () => connect(mesh, provider(0).owner).rotateKey(1, stranger.address, proof)
  },
  heartbeat:
    async ({ world }) =>
    () =>
      connect(world.mesh, world.provider(0).key).heartbeat(1),
  setEndpoint: async ({ world }) => {
    return () => connect(world.mesh, world.provider(0).owner).setEndpoint(1, ethers.ZeroHash, 'http://node')
  },
  proveEquivocation: async ({ world }) => {
    const order = await world.orderOf()
    const [first, second] = [receiptOf(world, order), receiptOf(world, order, { outputHash: WRONG })]
    const [one, two] = [await signReceipt(world, first), await signReceipt(world, second)]
    return () => world.mesh.proveEquivocation(order, first, one, second, two)
  },
  proveSeatEquivocation: async ({ world }) => {
    const { order, assignment, ...round } = await agreed(world)
    const assignmentHash = assignmentHashOf({ order, assignment, ...round })
    const [first, second] = ['one', 'two'].map((text) => ({
      assignmentHash,
      providerId: 1,
      commitment: ethers.id(text),
    }))
    if (!first || !second) throw new Error('Two commitments')
    const sign = (commit: object) => signStruct(world.provider(0).key, world.domain, 'SeatCommit', commit)
    const [one, two] = [await sign(first), await sign(second)]
    return () => world.mesh.proveSeatEquivocation(order, assignment, first, one, second, two)
  },
  proveStreamEquivocation: async ({ world }) => {
    const args = await streamContradiction(world)
    return () => world.mesh.proveStreamEquivocation(...args)
  },
  proveFalseProof: async (verified) => {
    const args = await falseClaim(verified)
    return () => verified.world.mesh.proveFalseProof(...args)
  },
  topUp: async ({ world }) => {
    const config = await opened(world)
    return () => connect(world.mesh, world.requester).topUp(config, 1)
  },
  claim: async ({ world }) => {
    const one = await claimOf(world, await opened(world), DUCK)
    return () => claim(world, [one])
  },
  refund: async ({ world }) => {
    const config = await opened(world)
    return () => connect(world.mesh, world.provider(0).key).refund(config, 1)
  },
  startClose: async ({ world }) => {
    const config = await opened(world)
    return () => connect(world.mesh, world.requester).startClose(config)
  },
  close: async ({ world }) => {
    const config = await opened(world)
    await connect(world.mesh, world.requester).startClose(config)
    await time.increase(WITHDRAW_DELAY + 1)
    return () => world.mesh.close(config)
  },
  acceptJob: async ({ world }) => {
    const order = await post(world)
    return () => connect(world.mesh, world.provider(0).key).acceptJob(order, 1)
  },
  submitResult: async ({ world }) => {
    const jobId = world.jobIdOf(await accepted(world))
    return () => connect(world.mesh, world.provider(0).key).submitResult(jobId, HONEST)
  },
  finalizeJob: async ({ world }) => {
    const { order } = await submitted(world)
    await time.increase(DISPUTE_WINDOW + 1)
    return () => world.mesh.finalizeJob(order)
  },
  cancelJob: async ({ world }) => {
    const order = await post(world)
    return () => connect(world.mesh, world.requester).cancelJob(order)
  },
  expireJob: async ({ world }) => {
    const order = await accepted(world)
    await time.increase(EXEC_WINDOW + 1)
    return () => world.mesh.expireJob(order)
  },
  takeOverJob: async ({ world }) => {
    const order = await accepted(world)
    await time.increase(EXEC_WINDOW + 1)
    return () => connect(world.mesh, world.provider(1).key).takeOverJob(order, 2)
  },
  submitProof: async (verified) => {
    const { world } = verified
    const order = await working(world)
    const proof = await proofOf(verified, order)
    return () => connect(world.mesh, world.provider(0).key).submitProof(order, HONEST, proof)
  },
  settleProof: async (verified) => {
    const { world } = verified
    const order = await verifiedOrder(world)
    const [signature, proof] = [await world.signOrder(order), await proofOf(verified, order)]
    return () => connect(world.mesh, world.provider(0).key).settleProof(order, signature, 1, HONEST, proof)
  },
  disputeJob: async ({ world }) => {
    const { order } = await submitted(world)
    return () => connect(world.mesh, world.challenger).disputeJob(order, WRONG)
  },
  anchorSeats: async ({ world }) => {
    const round = await agreed(world)
    return () => anchor(world, round)
  },
  openSeats: async ({ world }) => {
    const round = await anchored(world)
    return () => open(world, round)
  },
  commitSeat: async ({ world }) => {
    const round = await agreed(world)
    return () => commitSeat(world, round, 0)
  },
  sealSeats: async ({ world }) => {
    const round = await agreed(world)
    await commitSeat(world, round, 0)
    await at(round.order.acceptBy + 1)
    return () => world.mesh.sealSeats(round.order, round.assignment)
  },
  openSeat: async ({ world }) => {
    const round = await anchored(world)
    return () => openSeat(world, round, 0)
  },
  settleSeats: async ({ world }) => {
    const round = await agreed(world)
    return () => settleSeats(world, round)
  },
  settle: async ({ world }) => {
    const order = await world.orderOf()
    return () => settle(world, order)
  },
  settlePacked: async ({ world }) => {
    const item = await itemOf(world, await world.orderOf())
    return () => settlePacked(world, [item])
  },
  settleAuction: async ({ world }) => {
    const order = await auctionOrder(world)
    return () => settleAuction(world, order)
  },
}
