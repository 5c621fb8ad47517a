import { expect } from 'chai'
import { concat, dataSlice, toBeHex } from 'ethers'
import { connect, ethers, loadWorld } from '../support/mesh.ts'
import {
  fundedWallets,
  GROUP_BYTES,
  ITEM_BYTES,
  itemsOf,
  packed,
  requesterItems,
  TEMPLATE_BYTES,
} from '../support/settling.ts'

const HEADER_TEMPLATES_SHIFT = 32n

describe('A malformed packed batch', () => {
  async function expectRefused(header: string, items: string, error = 'BadBatch') {
    const world = await loadWorld()
    const asProvider = connect(world.mesh, world.provider(0).key)
    await expect(asProvider.settlePacked(header, items)).to.be.revertedWithCustomError(world.mesh, error)
    await expect(world.mesh.previewPacked(header, items)).to.be.revertedWithCustomError(world.mesh, error)
  }

  it('is refused when parts and length do not fit', async () => {
    const world = await loadWorld()
    const [header, items] = packed(await requesterItems(world, 2))
    await expectRefused(header, dataSlice(items, 0, items.length / 2 - 2))
    await expectRefused(header, concat([items, '0x00']))
    await expectRefused(header, '0x')
    const more = toBeHex(BigInt(header) + (1n << HEADER_TEMPLATES_SHIFT), 32)
    await expectRefused(more, items)
    // one item less, and one more, in the group than there are
    for (const count of ['0x0001', '0x0003', '0xffff']) {
      const at_ = TEMPLATE_BYTES + 20
      await expectRefused(header, concat([dataSlice(items, 0, at_), count, dataSlice(items, at_ + 2)]))
    }
  })

  it('is refused when the header has unknown bits', async () => {
    const world = await loadWorld()
    const [header, items] = packed(await requesterItems(world, 1))
    await expectRefused(toBeHex(BigInt(header) | (1n << 56n), 32), items)
  })

  it('is refused when it holds more than 256 items', async () => {
    const items = concat([ethers.ZeroAddress, '0x0101', new Uint8Array(257 * ITEM_BYTES)])
    await expectRefused(toBeHex((1n << 40n) | 1n, 32), items)
  })

  it('is refused when payers do not ascend', async () => {
    const world = await loadWorld()
    const payers = await fundedWallets(world, 2)
    const [header, items] = packed(await itemsOf(world, payers, 1, 0n))
    const groupBytes = GROUP_BYTES + ITEM_BYTES
    const groups = [0, 1].map((i) =>
      dataSlice(items, TEMPLATE_BYTES + i * groupBytes, TEMPLATE_BYTES + (i + 1) * groupBytes),
    )
    const template = dataSlice(items, 0, TEMPLATE_BYTES)
    await expectRefused(header, concat([template, groups[1], groups[0]]), 'PayersNotAscending')
    await expectRefused(header, concat([template, groups[0], groups[0]]), 'PayersNotAscending')
  })
})
