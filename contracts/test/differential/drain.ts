import { expect } from 'chai'
import { connect, PARAMS, Status, time, ZERO_HASH } from '../support/mesh.ts'
import { anchoredOf, type Play, type Played } from './play.ts'

const DAY_SECONDS = 86_400

/**
 * Ends a game: all deadlines pass, a stranger closes every job by calls that anybody may make, everybody takes out all
 * they have. No wei may be left.
 */
export async function drain(play: Play): Promise<void> {
  const { mesh, token, treasury, providers, domain } = play.world
  // Sealing, settling, reseating and expiring one job takes four deadlines at most.
  for (let turn = 0; turn < 4; turn++) {
    await time.increase(DAY_SECONDS)
    for (const played of play.jobs) await closeByStranger(play, played)
  }
  for (const { jobId } of play.jobs) {
    expect([Status.none, Status.paid, Status.refunded, Status.failed]).to.include(
      (await mesh.jobOf(jobId)).status,
    )
  }
  await closeChannels(play)
  for (const { id, owner } of providers) {
    const { stakedWei, lockedWei } = await mesh.providerOf(id)
    expect(lockedWei, `bonds of provider ${id}`).to.equal(0n)
    if (stakedWei > 0n) await connect(mesh, owner).startUnstake(id, stakedWei)
  }
  await time.increase(PARAMS.unbondSeconds)
  for (const { id, owner } of providers) {
    const { unstakingWei } = await mesh.providerOf(id)
    if (unstakingWei > 0n) await connect(mesh, owner).finishUnstake(id, owner.address)
  }
  for (const person of [...play.people, treasury]) {
    const freeWei: bigint = await mesh.accountOf(person.address)
    if (freeWei > 0n) await connect(mesh, person).withdraw(freeWei, person.address)
  }
  expect(await token.balanceOf(domain.verifyingContract), 'left behind').to.equal(0n)
}

/** Payers close what is open, and wait as long as they have to. */
async function closeChannels(play: Play): Promise<void> {
  const opened = play.channels.filter(({ isOpened }) => isOpened)
  for (const { config, closableAfter } of opened) {
    if (closableAfter === 0) await play.as(play.signerOf(config.payer)).startClose(config)
  }
  await time.increase(DAY_SECONDS)
  for (const { config } of opened) await play.as(play.world.stranger).close(config)
}

/** The one call that moves a job whose deadlines have passed. */
async function closeByStranger(play: Play, played: Played): Promise<void> {
  const { job, jobId, round } = played
  const mesh = play.as(play.world.stranger)
  const { status } = await mesh.jobOf(jobId)
  if (status === Status.submitted) await mesh.finalizeJob(job.order)
  if ([Status.open, Status.active, Status.reseating, Status.disputed].includes(status))
    await mesh.expireJob(job.order)
  if (!round) return
  if (status === Status.committing) {
    await mesh.sealSeats(job.order, round.assignment)
  } else if (status === Status.anchored) {
    const nothing = round.ids.map(() => ZERO_HASH)
    await mesh.openSeats(job.order, round.ids, anchoredOf(played), nothing, nothing)
  }
}
