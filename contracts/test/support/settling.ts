import type { Signer } from 'ethers'
import { packBatch } from '../../../protocol/src/market/packed.ts'
import { connect, DEPOSIT_WEI, ethers, networkHelpers, PRICE_WEI, type World, ZERO_HASH } from './mesh.ts'
import { HONEST } from './redundant.ts'
import { type Order, type Receipt, signStruct } from './typedData.ts'

/** The receipt of provider 1 for the whole price. */
export function receiptOf(world: World, order: Order, overrides: Partial<Receipt> = {}): Receipt {
  return {
    jobId: world.jobIdOf(order),
    providerId: 1,
    outputHash: HONEST,
    assignmentHash: ZERO_HASH,
    amountWei: order.priceWei,
    promptTokens: 12,
    completionTokens: 64,
    startedAt: order.acceptBy - 30,
    finishedAt: order.acceptBy - 20,
    ...overrides,
  }
}

/** Signed by the key of the provider that the receipt names. */
export function signReceipt(
  world: World,
  receipt: Receipt,
  signer: Signer = world.provider(receipt.providerId - 1).key,
) {
  return signStruct(signer, world.domain, 'Receipt', receipt)
}

export type SettleArguments = [Order, string, Receipt, string]

export async function settleArguments(
  world: World,
  order: Order,
  overrides: Partial<Receipt> = {},
): Promise<SettleArguments> {
  const receipt = receiptOf(world, order, overrides)
  return [order, await world.signOrder(order), receipt, await signReceipt(world, receipt)]
}

/** Settled by a stranger, since the sender is nobody special. */
export async function settle(world: World, order: Order, overrides: Partial<Receipt> = {}) {
  return connect(world.mesh, world.stranger).settle(...(await settleArguments(world, order, overrides)))
}

/** Parts of a packed batch, see PackedBatch.sol. */
export const TEMPLATE_BYTES = 106
export const GROUP_BYTES = 22
export const ITEM_BYTES = 166

/** An item of a packed batch before packing. */
export interface TestItem {
  order: Order
  signature: string
  outputHash: string
  amountWei: bigint
}

export async function itemOf(world: World, order: Order, changes: Partial<TestItem> = {}): Promise<TestItem> {
  return {
    order,
    signature: await world.signOrder(order),
    outputHash: HONEST,
    amountWei: order.priceWei,
    ...changes,
  }
}

/** Header and items as the packer of the protocol gives them. */
export function packed(items: readonly TestItem[], providerId = 1): [header: string, items: string] {
  const batch = packBatch(providerId, items as Parameters<typeof packBatch>[1])
  return [batch.header, batch.items]
}

/** Sent by the signing key of the provider. */
export function settlePacked(world: World, items: readonly TestItem[], providerId = 1) {
  const { key } = world.provider(providerId - 1)
  return connect(world.mesh, key).settlePacked(...packed(items, providerId))
}

/** New wallets with a free balance, in ascending order of their addresses. */
export async function fundedWallets(world: World, count: number) {
  const wallets = Array.from({ length: count }, (_, i) => new ethers.Wallet(ethers.id(`wallet ${i}`)))
  for (const wallet of wallets) {
    await networkHelpers.setBalance(wallet.address, 10n ** 18n)
    await world.token.transfer(wallet.address, DEPOSIT_WEI)
    const signer = wallet.connect(ethers.provider)
    await connect(world.token, signer).approve(await world.mesh.getAddress(), DEPOSIT_WEI)
    await connect(world.mesh, signer).deposit(DEPOSIT_WEI)
  }
  return wallets.sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1))
}

/** `perPayer` orders of each wallet with rising nonces from `firstNonce`. */
export async function itemsOf(world: World, payers: readonly Signer[], perPayer: number, firstNonce: bigint) {
  const items: TestItem[] = []
  for (const payer of payers) {
    for (let i = 0; i < perPayer; i++) {
      const order = await world.orderOf({
        requester: await payer.getAddress(),
        nonce: firstNonce + BigInt(i),
        inputHash: ethers.id(`input ${i}`),
        priceWei: PRICE_WEI,
      })
      items.push(await itemOf(world, order, { signature: await world.signOrder(order, payer) }))
    }
  }
  return items
}

/** Items of the requester with the next nonces; `changes` by position. */
export async function requesterItems(world: World, count: number, changes: Partial<TestItem>[] = []) {
  const items: TestItem[] = []
  for (let i = 0; i < count; i++) items.push(await itemOf(world, await world.orderOf(), changes[i]))
  return items
}
