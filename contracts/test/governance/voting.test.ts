import { expect } from 'chai'
import {
  carry,
  type Governance,
  hashed,
  loadGovernance,
  NEXT_TERMS,
  NOTICE_SECONDS,
  ProposalState,
  propose,
  publishing,
  QUORUM_PERCENT,
  queued,
  TERMS,
  THRESHOLD_WEI,
  TIMELOCK_SECONDS,
  VOTING_DELAY_SECONDS,
  VOTING_PERIOD_SECONDS,
  Vote,
} from '../support/governance.ts'
import { at, connect, DUCK, ethers, SUPPLY_WEI, time } from '../support/mesh.ts'

const QUORUM_WEI = (SUPPLY_WEI * BigInt(QUORUM_PERCENT)) / 100n

/** A proposal to publish, made by the voter. */
async function proposed(gov: Governance) {
  return propose(gov, gov.voter, [await publishing(gov.params)])
}

/** The stranger with `amountWei` more, delegated to itself. */
async function strangerWith({ world, voter }: Governance, amountWei: bigint) {
  await connect(world.token, voter).transfer(world.stranger.address, amountWei)
  await connect(world.token, world.stranger).delegate(world.stranger.address)
  return world.stranger
}

describe('A vote', () => {
  it('changes the terms of new work: propose, vote, queue, wait, execute, wait', async () => {
    const gov = await loadGovernance()
    const { governor, params, world } = gov
    const { id, proposal } = await proposed(gov)
    expect(await governor.state(id)).to.equal(ProposalState.pending)
    await time.increaseTo((await governor.proposalSnapshot(id)) + 1n)
    expect(await governor.state(id)).to.equal(ProposalState.active)
    await connect(governor, gov.voter).castVote(id, Vote.for)
    await time.increaseTo((await governor.proposalDeadline(id)) + 1n)
    expect(await governor.state(id)).to.equal(ProposalState.succeeded)
    await governor.queue(...hashed(proposal))
    expect(await governor.state(id)).to.equal(ProposalState.queued)
    await time.increaseTo(await governor.proposalEta(id))
    await expect(connect(governor, world.stranger).execute(...hashed(proposal)))
      .to.emit(params, 'TermsPublished')
      .withArgs(1, Object.values(NEXT_TERMS), (await time.latest()) + 1 + NOTICE_SECONDS)
    expect(await governor.state(id)).to.equal(ProposalState.executed)
    expect((await params.current()).version).to.equal(0n)
    await time.increase(NOTICE_SECONDS)
    expect((await params.current()).version).to.equal(1n)
  })

  it('can replace the guardian', async () => {
    const gov = await loadGovernance()
    const { params, world } = gov
    const data = params.interface.encodeFunctionData('setGuardian', [world.stranger.address])
    const { id, proposal } = await queued(gov, [{ target: await params.getAddress(), data }])
    await time.increaseTo(await gov.governor.proposalEta(id))
    await gov.governor.execute(...hashed(proposal))
    expect(await params.guardian()).to.equal(world.stranger.address)
  })

  it('has the delays and the quorum it was deployed with, in unix seconds and DUCK wei', async () => {
    const { governor, world } = await loadGovernance()
    expect(await governor.CLOCK_MODE()).to.equal('mode=timestamp')
    expect(await governor.token()).to.equal(await world.token.getAddress())
    expect(await governor.votingDelay()).to.equal(BigInt(VOTING_DELAY_SECONDS))
    expect(await governor.votingPeriod()).to.equal(BigInt(VOTING_PERIOD_SECONDS))
    expect(await governor.proposalThreshold()).to.equal(THRESHOLD_WEI)
    expect(await governor.quorum((await time.latest()) - 1)).to.equal(QUORUM_WEI)
  })

  it('is proposed by a delegate of the threshold, and not with one wei less', async () => {
    const gov = await loadGovernance()
    const stranger = await strangerWith(gov, THRESHOLD_WEI - 1n)
    const action = await publishing(gov.params)
    await expect(propose(gov, stranger, [action]))
      .to.be.revertedWithCustomError(gov.governor, 'GovernorInsufficientProposerVotes')
      .withArgs(stranger.address, THRESHOLD_WEI - 1n, THRESHOLD_WEI)
    await strangerWith(gov, 1n)
    await propose(gov, stranger, [action])
  })

  it('is not open up to the second of its snapshot, nor after its last second', async () => {
    const gov = await loadGovernance()
    const { governor, voter } = gov
    const { id } = await proposed(gov)
    await at(await governor.proposalSnapshot(id))
    await expect(connect(governor, voter).castVote(id, Vote.for)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    )
    await at((await governor.proposalDeadline(id)) + 1n)
    await expect(connect(governor, voter).castVote(id, Vote.for)).to.be.revertedWithCustomError(
      governor,
      'GovernorUnexpectedProposalState',
    )
  })

  it('is open in its last second', async () => {
    const gov = await loadGovernance()
    const { id } = await proposed(gov)
    await at(await gov.governor.proposalDeadline(id))
    await connect(gov.governor, gov.voter).castVote(id, Vote.for)
    await time.increase(1)
    expect(await gov.governor.state(id)).to.equal(ProposalState.succeeded)
  })

  it('is cast once', async () => {
    const gov = await loadGovernance()
    const { id } = await proposed(gov)
    await time.increaseTo((await gov.governor.proposalSnapshot(id)) + 1n)
    await connect(gov.governor, gov.voter).castVote(id, Vote.for)
    await expect(connect(gov.governor, gov.voter).castVote(id, Vote.against))
      .to.be.revertedWithCustomError(gov.governor, 'GovernorAlreadyCastVote')
      .withArgs(gov.voter.address)
  })

  it('counts what was delegated at the snapshot: DUCK bought afterwards has no weight', async () => {
    const gov = await loadGovernance()
    const { id } = await proposed(gov)
    await time.increaseTo((await gov.governor.proposalSnapshot(id)) + 1n)
    const stranger = await strangerWith(gov, SUPPLY_WEI / 2n)
    await expect(connect(gov.governor, stranger).castVote(id, Vote.against))
      .to.emit(gov.governor, 'VoteCast')
      .withArgs(stranger.address, id, Vote.against, 0, '')
  })

  it('does not count DUCK that is not delegated', async () => {
    const gov = await loadGovernance()
    const { requester, token } = gov.world
    const { id } = await proposed(gov)
    await time.increaseTo((await gov.governor.proposalSnapshot(id)) + 1n)
    expect(await token.balanceOf(requester.address)).to.be.greaterThan(0n)
    await expect(connect(gov.governor, requester).castVote(id, Vote.against))
      .to.emit(gov.governor, 'VoteCast')
      .withArgs(requester.address, id, Vote.against, 0, '')
  })

  it('does not count DUCK inside a mesh, which therefore never votes', async () => {
    const gov = await loadGovernance()
    const { token, mesh, requester } = gov.world
    await connect(token, requester).delegate(requester.address)
    const before = await token.getVotes(requester.address)
    await connect(mesh, requester).deposit(DUCK)
    expect(await token.getVotes(requester.address)).to.equal(before - DUCK)
    expect(await token.delegates(await mesh.getAddress())).to.equal(ethers.ZeroAddress)
    expect(await token.getVotes(await mesh.getAddress())).to.equal(0n)
  })
})

describe('A proposal', () => {
  it('is defeated when as many are against it', async () => {
    const gov = await loadGovernance()
    const { governor, voter, world } = gov
    await strangerWith(gov, (await world.token.balanceOf(voter.address)) / 2n)
    const { id } = await proposed(gov)
    await time.increaseTo((await governor.proposalSnapshot(id)) + 1n)
    await connect(governor, voter).castVote(id, Vote.for)
    await connect(governor, world.stranger).castVote(id, Vote.against)
    await time.increaseTo((await governor.proposalDeadline(id)) + 1n)
    const { againstVotes, forVotes } = await governor.proposalVotes(id)
    expect(againstVotes).to.equal(forVotes)
    expect(await governor.state(id)).to.equal(ProposalState.defeated)
  })

  for (const [missing, state] of [
    [1n, 'defeated'],
    [0n, 'succeeded'],
  ] as const) {
    it(`is ${state} with ${missing} wei less than the quorum`, async () => {
      const gov = await loadGovernance()
      const stranger = await strangerWith(gov, QUORUM_WEI - missing)
      const { id } = await propose(gov, stranger, [await publishing(gov.params)])
      await carry({ ...gov, voter: stranger }, id)
      expect(await gov.governor.state(id)).to.equal(ProposalState[state])
    })
  }

  it('cannot be queued before its vote ended, nor when it was defeated', async () => {
    const gov = await loadGovernance()
    const { governor } = gov
    const { id, proposal } = await proposed(gov)
    await time.increaseTo((await governor.proposalSnapshot(id)) + 1n)
    const queue = () => governor.queue(...hashed(proposal))
    await expect(queue()).to.be.revertedWithCustomError(governor, 'GovernorUnexpectedProposalState')
    await time.increaseTo((await governor.proposalDeadline(id)) + 1n)
    expect(await governor.state(id)).to.equal(ProposalState.defeated)
    await expect(queue()).to.be.revertedWithCustomError(governor, 'GovernorUnexpectedProposalState')
  })

  it('cannot be queued with other terms than were voted on', async () => {
    const gov = await loadGovernance()
    const { id, proposal } = await proposed(gov)
    await carry(gov, id)
    const { data } = await publishing(gov.params, { ...NEXT_TERMS, feeBps: 1_000 })
    const [targets, values, , description] = proposal
    await expect(
      gov.governor.queue(...hashed([targets, values, [data], description])),
    ).to.be.revertedWithCustomError(gov.governor, 'GovernorNonexistentProposal')
  })

  it('can be cancelled by its proposer before its vote, and by nobody afterwards', async () => {
    const gov = await loadGovernance()
    const { governor, voter, world } = gov
    const { id, proposal } = await proposed(gov)
    await expect(connect(governor, world.stranger).cancel(...hashed(proposal)))
      .to.be.revertedWithCustomError(governor, 'GovernorUnableToCancel')
      .withArgs(id, world.stranger.address)
    await connect(governor, voter).cancel(...hashed(proposal))
    expect(await governor.state(id)).to.equal(ProposalState.canceled)
    const next = await propose(gov, voter, [await publishing(gov.params)], 'Next')
    await carry(gov, next.id)
    await expect(connect(governor, voter).cancel(...hashed(next.proposal)))
      .to.be.revertedWithCustomError(governor, 'GovernorUnableToCancel')
      .withArgs(next.id, voter.address)
  })

  it('with terms outside their bounds passes and does nothing', async () => {
    const gov = await loadGovernance()
    const action = await publishing(gov.params, { ...TERMS, feeBps: 1_001 })
    const { id, proposal } = await queued(gov, [action])
    await time.increase(TIMELOCK_SECONDS)
    await expect(gov.governor.execute(...hashed(proposal)))
      .to.be.revertedWithCustomError(gov.params, 'OutOfBounds')
      .withArgs(ethers.encodeBytes32String('feeBps'), 1_001)
    expect(await gov.governor.state(id)).to.equal(ProposalState.queued)
    expect(await gov.params.versionCount()).to.equal(1n)
  })
})
