import { expect } from 'chai'
import { auctionOrder, settleAuction } from '../support/auctionLane.ts'
import { claim, claimOf, opened } from '../support/channels.ts'
import { connect, DUCK, ethers, loadWorld, type World } from '../support/mesh.ts'
import { HONEST, redundantOrder, roundOf, settleSeats } from '../support/redundant.ts'
import { fundedWallets, itemsOf, settle, settlePacked } from '../support/settling.ts'
import { loadVerified, proofOf, verifiedOrder } from '../support/verified.ts'

interface Sent {
  hash: string
  blockNumber: number | null
  wait(): Promise<{ blockNumber: number } | null>
}

interface Step {
  op: string
  stack: string[]
}

/** Slots of the mesh that a transaction wrote, and those among them that were zero before it. */
async function writesOf(world: World, sent: Sent): Promise<{ written: number; fresh: string[] }> {
  const receipt = await sent.wait()
  if (!receipt) throw new Error('No receipt')
  const trace = await ethers.provider.send('debug_traceTransaction', [
    sent.hash,
    { disableMemory: true, disableStorage: true },
  ])
  const mesh = await world.mesh.getAddress()
  const slots = new Set<string>()
  for (const { op, stack } of trace.structLogs as Step[]) {
    const top = stack?.at(-1)
    if (op === 'SSTORE' && top) slots.add(ethers.toBeHex(top.startsWith('0x') ? top : `0x${top}`, 32))
  }
  const fresh: string[] = []
  for (const slot of slots) {
    const before = await ethers.provider.getStorage(mesh, slot, receipt.blockNumber - 1)
    const after = await ethers.provider.getStorage(mesh, slot, receipt.blockNumber)
    if (BigInt(before) === 0n && BigInt(after) !== 0n) fresh.push(slot)
  }
  return { written: slots.size, fresh }
}

describe('Storage of what is settled in one transaction, in steady state', () => {
  it('has a fresh slot when a requester settles for the first time, which the next test is not blind to', async () => {
    const world = await loadWorld()
    const { fresh } = await writesOf(world, await settle(world, await world.orderOf()))
    expect(fresh).to.have.length(1)
  })

  it('has no fresh slot for another job settled by its receipt', async () => {
    const world = await loadWorld()
    await settle(world, await world.orderOf())
    const { written, fresh } = await writesOf(world, await settle(world, await world.orderOf()))
    expect({ written, fresh }).to.deep.equal({ written: 3, fresh: [] })
  })

  it('has no fresh slot for a packed batch', async () => {
    const world = await loadWorld()
    const payers = await fundedWallets(world, 4)
    await settlePacked(world, await itemsOf(world, payers, 1, 0n))
    const sent = await settlePacked(world, await itemsOf(world, payers, 8, 1n))
    const { written, fresh } = await writesOf(world, sent)
    // nonce word and balance of each payer, earnings of the provider
    expect({ written, fresh }).to.deep.equal({ written: 9, fresh: [] })
  })

  it('has no fresh slot for seats that agree', async () => {
    const world = await loadWorld()
    const round = async () => roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])
    await settleSeats(world, await round())
    const { written, fresh } = await writesOf(world, await settleSeats(world, await round()))
    // nonce word and balance of the requester, earnings of each seat
    expect({ written, fresh }).to.deep.equal({ written: 5, fresh: [] })
  })

  it('has no fresh slot for an auction', async () => {
    const world = await loadWorld()
    await settleAuction(world, await auctionOrder(world))
    const { written, fresh } = await writesOf(world, await settleAuction(world, await auctionOrder(world)))
    expect({ written, fresh }).to.deep.equal({ written: 3, fresh: [] })
  })

  it('has no fresh slot for a proof, whose task the verifier marks in a slot of its own', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const byKey = connect(mesh, world.provider(0).key)
    const settleProof = async () => {
      const order = await verifiedOrder(world)
      const proof = await proofOf(verified, order)
      return byKey.settleProof(order, await world.signOrder(order), 1, HONEST, proof)
    }
    await settleProof()
    const { written, fresh } = await writesOf(world, await settleProof())
    expect({ written, fresh }).to.deep.equal({ written: 4, fresh: [] })
  })

  it('has no fresh slot for claims', async () => {
    const world = await loadWorld()
    const configs = []
    for (const label of ['a', 'b', 'c']) configs.push(await opened(world, { salt: ethers.id(label) }))
    await claim(world, await Promise.all(configs.map((config) => claimOf(world, config, DUCK))))
    const next = await Promise.all(configs.map((config) => claimOf(world, config, 2n * DUCK)))
    const { written, fresh } = await writesOf(world, await claim(world, next))
    expect({ written, fresh }).to.deep.equal({ written: 4, fresh: [] })
  })
})
