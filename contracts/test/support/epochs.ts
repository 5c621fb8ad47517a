import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import { expect } from 'chai'
import { type BaseContract, type ContractMethod, type ContractTransactionResponse, Wallet } from 'ethers'
import {
  answerAt,
  buildEpoch,
  type EpochData,
  type EpochLeaf,
  proveLeaf,
  type Side,
  sides,
} from '../../../protocol/src/epochs/epoch.ts'
import { creditNoteTypes, epochDomain, epochVoucherTypes } from '../../../protocol/src/epochs/typedData.ts'
import { connect, DUCK, ethers, networkHelpers, time, type World, worldFixture } from './mesh.ts'

type SettlerFunction =
  | `${'registerCoordinator' | 'addBond' | 'startExit' | 'withdrawBond' | 'coordinatorOf' | 'coordinatorCount'}`
  | `${'openPurse' | 'reserve' | 'startUnreserve' | 'unreserve' | 'purseOf'}`
  | `${'postEpoch' | 'applyTotals' | 'refundDebits' | 'epochOf'}`
  | `${'challengeLeaf' | 'answerLeaf' | 'revertEpoch' | 'dropChallenge' | 'challengeOf'}`
  | `${'proveBadSum' | 'proveBadOrder' | 'proveBadTotals' | 'proveUnderpaid'}`
  | `${'skipSerial' | 'redeem' | 'serialOf'}`
  | `${'withdrawEarnings' | 'withdrawFees' | 'earningsOf'}`
  | `${'withdrawOwed' | 'owedOf' | 'params' | 'exitDelaySeconds'}`
export type Settler = BaseContract & Record<SettlerFunction, ContractMethod>
/** The double of the mesh's terms. */
export type HostileTerms = BaseContract & Record<'setFee', ContractMethod>

export const EPOCH_PARAMS = {
  challengeWindowSeconds: 3_600,
  answerWindowSeconds: 1_800,
  cadenceSeconds: 7_200,
  bondBps: 10_000,
  minEpochBondWei: 50n * DUCK,
  challengeDepositWei: 2n * DUCK,
}
export const EXIT_DELAY = 3 * 7_200 + 3_600 + 2 * 1_800
export const COORDINATOR_BOND_WEI = 1_000n * DUCK
export const PURSE_WEI = 100n * DUCK
export const FEE_BPS = 250n
export const COORDINATOR = 1

export const EpochStatus = {
  none: 0n,
  posted: 1n,
  applying: 2n,
  applied: 3n,
  reverted: 4n,
  refunded: 5n,
} as const

export interface EpochWorld extends World {
  settler: Settler
  terms: HostileTerms
  settlerAddress: `0x${string}`
  /** Owns the coordinator with id 1. */
  owner: HardhatEthersSigner
  /** Its key: posts and signs notes. */
  poster: HardhatEthersSigner
  /** Keys of purses 1 .. 4, which the requester opened; index 0 is purse 1. */
  purseKeys: Wallet[]
}

/** The header as the event shows it. */
export interface Header {
  coordinatorId: bigint
  serial: bigint
  jobs: bigint
  feeBps: bigint
  postedAt: bigint
  totalWei: bigint
  bondWei: bigint
  debitsRoot: string
  creditsRoot: string
  debitsHash: string
  creditsHash: string
}

export interface Posted {
  epochId: string
  header: Header
  data: EpochData
}

export async function deploySettler(
  token: unknown,
  mesh: unknown,
  params: object = EPOCH_PARAMS,
): Promise<Settler> {
  return (await ethers.deployContract('EpochSettler', [token, mesh, params])) as unknown as Settler
}

/** A world with a settler, one bonded coordinator and four purses. */
async function epochFixture(): Promise<EpochWorld> {
  const world = await worldFixture()
  const { token, mesh, requester, coordinator: owner, challenger } = world
  const terms = await ethers.deployContract('HostileTerms', [mesh])
  const settler = await deploySettler(token, terms)
  const settlerAddress = (await settler.getAddress()) as `0x${string}`
  for (const account of [owner, requester, challenger]) {
    await token.transfer(account.address, 10_000n * DUCK)
    await connect(token, account).approve(settlerAddress, ethers.MaxUint256)
  }
  const { key: poster } = world.provider(6)
  await connect(settler, owner).registerCoordinator(poster.address, COORDINATOR_BOND_WEI)
  const purseKeys = [1, 2, 3, 4].map((index) => new Wallet(ethers.id(`purse ${index}`)))
  for (const { address } of purseKeys) {
    await connect(settler, requester).openPurse(COORDINATOR, address, PURSE_WEI)
  }
  return {
    ...world,
    settler,
    terms: terms as unknown as HostileTerms,
    settlerAddress,
    owner,
    poster,
    purseKeys,
  }
}

/** A fresh world at the fixture's snapshot. */
export function loadEpochWorld(): Promise<EpochWorld> {
  return networkHelpers.loadFixture(epochFixture)
}

/** `amountWei` of each leaf in DUCK. */
export const leaf = (purseId: number, providerId: number, duck: number): EpochLeaf => ({
  purseId,
  providerId,
  amountWei: BigInt(duck) * DUCK,
})

/** Six leaves of three purses and three providers: 60 DUCK. */
export const LEAVES = [
  leaf(1, 1, 10),
  leaf(1, 2, 5),
  leaf(2, 1, 20),
  leaf(2, 3, 1),
  leaf(3, 2, 4),
  leaf(3, 3, 20),
]

/** Everything that can be wrong about an epoch can be put in by hand. */
export interface Tampering {
  serial?: number
  debitsRoot?: string
  creditsRoot?: string
  debits?: string
  credits?: string
}

export function sendEpoch({ settler, poster }: EpochWorld, data: EpochData, tampering: Tampering = {}) {
  const { serial, debitsRoot, creditsRoot, debits, credits } = {
    serial: 1,
    debitsRoot: data.debits.root,
    creditsRoot: data.credits.root,
    debits: data.debits.packed,
    credits: data.credits.packed,
    ...tampering,
  }
  return connect(settler, poster).postEpoch(
    COORDINATOR,
    serial,
    100,
    debitsRoot,
    creditsRoot,
    debits,
    credits,
  )
}

export async function postData(
  world: EpochWorld,
  data: EpochData,
  tampering: Tampering = {},
): Promise<Posted> {
  const sent = (await sendEpoch(world, data, tampering)) as ContractTransactionResponse
  const receipt = await sent.wait()
  for (const log of receipt?.logs ?? []) {
    const event = world.settler.interface.parseLog(log)
    if (event?.name === 'EpochPosted') {
      return { epochId: event.args.epochId, header: event.args.header.toObject(), data }
    }
  }
  throw new Error('No epoch was posted')
}

export function post(world: EpochWorld, leaves: EpochLeaf[] = LEAVES, tampering: Tampering = {}) {
  return postData(world, buildEpoch(leaves), tampering)
}

export async function domainOf({ domain, settlerAddress }: EpochWorld) {
  return epochDomain({ chainId: Number(domain.chainId), verifyingContract: settlerAddress })
}

export interface VoucherTerms {
  serial?: number
  coordinatorId?: number
  signer?: Wallet
}

/** A voucher of the purse's key, with its signature. */
export async function voucherOf(
  world: EpochWorld,
  purseId: number,
  providerId: number,
  maxWei: bigint,
  { serial = 1, coordinatorId = COORDINATOR, signer = world.purseKeys[purseId - 1] }: VoucherTerms = {},
) {
  const voucher = { coordinatorId, serial, purseId, providerId, maxWei }
  const types = { EpochVoucher: [...epochVoucherTypes.EpochVoucher] }
  return { voucher, signature: await signer.signTypedData(await domainOf(world), types, voucher) }
}

/** A note of the coordinator's key, with its signature. */
export async function noteOf(
  world: EpochWorld,
  providerId: number,
  totalWei: bigint,
  { serial = 1, signer = world.poster as HardhatEthersSigner | Wallet } = {},
) {
  const note = { coordinatorId: COORDINATOR, serial, providerId, totalWei }
  const types = { CreditNote: [...creditNoteTypes.CreditNote] }
  return { note, signature: await signer.signTypedData(await domainOf(world), types, note) }
}

/** The honest answer to a challenge at one wei of a side. */
export async function answerOf(
  world: EpochWorld,
  posted: Posted,
  side: Side,
  atWei: bigint,
  terms?: VoucherTerms,
) {
  const { leaf, mirrorPath } = answerAt(posted.data, side, atWei)
  const serial = Number(posted.header.serial)
  const { voucher, signature } = await voucherOf(world, leaf.purseId, leaf.providerId, leaf.amountWei, {
    serial,
    ...terms,
  })
  return { leaf, mirrorPath, maxWei: voucher.maxWei, voucherSig: signature }
}

export function challenge(
  world: EpochWorld,
  { header }: Posted,
  side: Side,
  atWei: bigint,
  by = world.challenger,
) {
  return connect(world.settler, by).challengeLeaf(header, sides[side], atWei)
}

export async function answer(world: EpochWorld, posted: Posted, side: Side, atWei: bigint) {
  const given = await answerOf(world, posted, side, atWei)
  return world.settler.answerLeaf(posted.header, sides[side], atWei, given)
}

/** The proof of a leaf of one side. */
export const proofOf = ({ data }: Posted, side: Side, index: number) => proveLeaf(data[side], index)

export async function afterWindow({ header }: Posted): Promise<void> {
  await time.increaseTo(header.postedAt + BigInt(EPOCH_PARAMS.challengeWindowSeconds) + 1n)
}

export function applyAll({ settler }: EpochWorld, { header, data }: Posted, maxItems = 1_000) {
  return settler.applyTotals(header, data.credits.packed, maxItems)
}

export function refundAll({ settler }: EpochWorld, { header, data }: Posted, maxItems = 1_000) {
  return settler.refundDebits(header, data.debits.packed, maxItems)
}

export async function statusOf({ settler }: EpochWorld, { epochId }: Posted): Promise<bigint> {
  return (await settler.epochOf(epochId)).status
}

export async function purseWei({ settler }: EpochWorld, purseId: number): Promise<bigint> {
  return (await settler.purseOf(COORDINATOR, purseId)).balanceWei
}

/** Every wei of the settler is in a purse, earned, a fee, a bond, owed, or held as the caller says. */
export async function expectConserved(world: EpochWorld, heldWei = 0n): Promise<void> {
  const { settler, token, settlerAddress, owner, challenger, stranger } = world
  const { purseCount, freeBondWei, feesWei } = await settler.coordinatorOf(COORDINATOR)
  let sum: bigint = heldWei + freeBondWei + feesWei
  for (let id = 1; id <= Number(purseCount); id++) sum += await purseWei(world, id)
  for (const { id } of world.providers) sum += await settler.earningsOf(id)
  for (const account of [owner, challenger, stranger]) sum += await settler.owedOf(account.address)
  expect(await token.balanceOf(settlerAddress)).to.equal(sum)
}

/** An epoch that the stranger proved wrong: the stranger has its reward, and every purse gets its money back. */
export async function expectProvenWrong(world: EpochWorld, posted: Posted): Promise<void> {
  expect(await statusOf(world, posted)).to.equal(EpochStatus.reverted)
  expect(await world.settler.owedOf(world.stranger.address)).to.equal(posted.header.bondWei / 2n)
  await refundAll(world, posted)
  await expectConserved(world)
}
