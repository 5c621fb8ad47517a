import { expect } from 'chai'
import type { ContractTransactionResponse } from 'ethers'
import { expectSnapshot } from '../support/gasSnapshot.ts'
import {
  FREEZE_REST_SECONDS,
  hashed,
  loadGovernance,
  NEXT_TERMS,
  propose,
  publishing,
  TIMELOCK_SECONDS,
  Vote,
} from '../support/governance.ts'
import { connect, ethers, time } from '../support/mesh.ts'

const measured: Record<string, bigint> = {}

async function measure(name: string, sent: Promise<unknown>): Promise<void> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  if (!receipt) throw new Error('No receipt')
  measured[name] = receipt.gasUsed
}

async function withMirror() {
  const gov = await loadGovernance()
  const mirror = await ethers.deployContract('TermsMirror', [await gov.params.getAddress()])
  return { gov, mirror, owned: connect(gov.params, gov.owner), guarded: connect(gov.params, gov.guardian) }
}

describe('Gas of governance', () => {
  it('of the parameters', async () => {
    const { gov, mirror, owned, guarded } = await withMirror()
    await measure('publish', owned.publish(NEXT_TERMS))
    await measure('freeze, no mesh', guarded.freeze(60, []))
    await measure('unfreeze', owned.unfreeze())
    await time.increase(FREEZE_REST_SECONDS + 1)
    await mirror.getFunction('syncTerms')()
    await measure('freeze, one mesh', guarded.freeze(60, [await mirror.getAddress()]))
    await measure('setGuardian', owned.setGuardian(gov.voter.address))
  })

  it('of a sync, which stays below what a freeze gives it even with 63 versions on their way', async () => {
    const { gov, mirror, owned } = await withMirror()
    const sync = () => mirror.getFunction('syncTerms')()
    await sync()
    await measure('reading the terms, one version', sync())
    for (let version = 1; version < 64; version++) await owned.publish({ ...NEXT_TERMS, feeBps: version })
    await measure('reading the terms, 63 versions on their way', sync())
    expect((await gov.params.current()).version).to.equal(0n)
    const worst = measured['reading the terms, 63 versions on their way'] ?? 0n
    // the mesh writes a few slots besides
    expect(worst).to.be.lessThan((await gov.params.SYNC_GAS()) - 200_000n)
  })

  it('of a vote', async () => {
    const gov = await loadGovernance()
    const { governor, voter } = gov
    const { id, proposal } = await propose(gov, voter, [await publishing(gov.params)])
    await time.increaseTo((await governor.proposalSnapshot(id)) + 1n)
    await measure('castVote', connect(governor, voter).castVote(id, Vote.for))
    await time.increaseTo((await governor.proposalDeadline(id)) + 1n)
    await measure('queue', governor.queue(...hashed(proposal)))
    await time.increase(TIMELOCK_SECONDS)
    await measure('execute publish', governor.execute(...hashed(proposal)))
  })

  it('stays within 2 % of the committed figures', async () => {
    await expectSnapshot('gas-governance', measured)
  })
})
