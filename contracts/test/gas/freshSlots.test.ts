import { expect } from 'chai'
import { claim, claimOf, opened } from '../support/channels.ts'
import { DUCK, ethers, loadWorld, type World } from '../support/mesh.ts'
import { fundedWallets, itemsOf, settle, settlePacked } from '../support/settling.ts'

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

describe('Storage of the signed lane and of channels in steady state', () => {
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
    // nonce word and balance of each payer, earnings of the provider, balance of the treasury
    expect({ written, fresh }).to.deep.equal({ written: 10, fresh: [] })
  })

  it('has no fresh slot for claims', async () => {
    const world = await loadWorld()
    const configs = []
    for (const label of ['a', 'b', 'c']) configs.push(await opened(world, { salt: ethers.id(label) }))
    await claim(world, await Promise.all(configs.map((config) => claimOf(world, config, DUCK))))
    const next = await Promise.all(configs.map((config) => claimOf(world, config, 2n * DUCK)))
    const { written, fresh } = await writesOf(world, await claim(world, next))
    expect({ written, fresh }).to.deep.equal({ written: 5, fresh: [] })
  })
})
